# Letters by mail, in plain words. Plain text.
# $link, $code, $password and $user stand alone on their lines. No link, code or user ID in a subject.

weekday = { $weekday ->
    [1] Monday
    [2] Tuesday
    [3] Wednesday
    [4] Thursday
    [5] Friday
    [6] Saturday
   *[7] Sunday
}
month = { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
}
instant = { $hour }:{ $minute } on { $weekday }, { $day } { $month } { $year }
span-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
span-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
span-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}

## What every letter begins and ends with

subject = [{ $society }] { $about }
greeting = This is a message from { $society }.
footer =
    ----------
    { $society }
    Phone: { $phone }
    Hours: { $open }

    Replies to this mail are not read.
    We never ask for a password or a code by mail or telephone.

## Under a notice: when, and what to do if it was not the reader

at = Date and time: { $at }, Japan time
disown =
    If this was not you:
    Somebody else may have done it.
    Open this link and press “Stop it” on the page.
    It cancels every change that is not finished.

    { $link }

    The link works until
    { $expires }, Japan time.
    That is { $span } from when this mail was sent.

    The button does not take back a change that is finished.
    Please also call the number below at once.
call =
    If this was not you:
    Somebody else may have done it.
    Please call the number below at once.
ask =
    If this was not you:
    If you did not ask for it, or do not know the reason, please call the number below.

## Letters with a link, a code or a password

confirm-email-subject = Confirm your e-mail address
confirm-email-body =
    Please confirm that mail reaches you.
    Open this link and press the button on the page.

    { $link }

    { $held ->
        [yes] To be safe, the link works only from { $from }, Japan time.
       *[no] The link works at once.
    }
    The link works until
    { $expires }, Japan time.
    That is { $span } from when this mail was sent.

    { $waits ->
        [yes] If it is too late, log in again and press “Send again”.
       *[no] If it is too late, log in and register the address again under “Change the address”.
    }

    If this was not you:
    Do not open the link, and delete this mail.
    Unless the button is pressed, this address is not registered.

reset-subject = Reset your password
reset-body =
    We were told that you forgot your password.
    Open this link and press “Reset the password” on the page.

    { $link }

    The link works until
    { $expires }, Japan time.
    That is { $span } from when this mail was sent.

    If it is too late, ask again on the log-in page: “I have forgotten my password”.
    If you asked several times, only the link of the newest mail works.

    If this was not you:
    Do not open the link, and delete this mail.
    Nothing changes unless the button is pressed.
    If this mail comes again and again, please call the number below.

user-id-subject = Your user ID
user-id-body =
    You asked us for your user ID.
    You asked at { $at }, Japan time.

    User ID:
    { $user }

    If this was not you:
    Somebody else may have asked.
    Nothing in your account has changed.
    If this mail comes again and again, please call the number below.

mail-code-subject = Two-step check by mail
mail-code-body =
    These are the digits for the two-step check of your log-in.
    Type these 6 digits on the log-in page.

    { $code }

    The digits work until
    { $expires }, Japan time.
    That is { $span } from when they were asked for.

    If it is too late, press “Send again” on the page.
    Only the digits of the newest mail work.

    If this was not you:
    Somebody else may have tried to log in with your password.
    Do not tell these digits to anybody.
    Please call the number below at once.

issued-subject = Your user ID and a first password
issued-body =
    The staff of { $society } have issued a user ID and a first password to you.
    They were issued at { $at }, Japan time.

    User ID:
    { $user }

    First password:
    { $password }

    The first password works until
    { $expires }, Japan time.
    That is { $span } from when it was issued.

    When you log in, you choose a password of your own.
    Delete this mail when you have done so.
    If it is too late, please call the number below.

    If this was not you:
    If you did not ask for it, do not log in, and call the number below.

## Notices

first-login-finished-subject = Your first log-in is complete
first-login-finished-body =
    Your first log-in is complete.
    Next time, log in with the password that you chose.

password-changed-subject = Your password was changed
password-changed-body =
    The password for your log-in was changed.
    Next time, log in with the new password.

email-changed-subject = Your e-mail address was changed
email-changed-body =
    Your registered e-mail address was changed to another one.
    From now on our mail goes to the new address.

email-change-asked-subject = Somebody asked to change your e-mail address
email-change-asked-body =
    We were asked to change your registered e-mail address to another one.
    It does not change until the new address has been confirmed.

user-id-changed-subject = Your user ID was changed
user-id-changed-body =
    The user ID for your log-in was changed.
    Next time, log in with the new user ID.

method-changed-subject = Your way to log in was changed
method-changed-body =
    Another way was chosen for the check after the password.
    Until it has been set up, you can log in the present way.

totp-added-subject = An authenticator app was set up
totp-added-body = An authenticator app was set up for your log-in.

passkey-added-subject = A passkey was set up
passkey-added-body = A passkey (fingerprint, face or screen lock) was set up for your log-in.

device-deleted-subject = A device was deleted
device-deleted-body =
    A device was deleted from your log-in.
    It can no longer be used for the check after the password.

recovery-codes-made-subject = Recovery codes were made
recovery-codes-made-body =
    Recovery codes were made, for when your device cannot be used.
    Recovery codes from before no longer work.

recovery-code-used-subject = A recovery code was used
recovery-code-used-body =
    One of your recovery codes was used.
    It cannot be used again.

recovery-finished-subject = Your password was reset
recovery-finished-body =
    The reset of the forgotten password is finished.
    Next time, log in with the new password.

recovery-held-subject = A password reset was received
recovery-held-body =
    Your password was reset through a link in a mail.
    To be safe, your address and your ways to log in cannot be changed until

    { $until }, Japan time.

    If you log in with the password and the check from before until then, this reset is cancelled.

recovery-counts-subject = The reset of your password is final
recovery-counts-body =
    The reset of your password is final from now on.
    The password from before no longer works.

recovery-cancelled-subject = A password reset was cancelled
recovery-cancelled-body =
    Somebody logged in with the password and the check from before.
    The password reset that was waiting is therefore cancelled.

frozen-subject = Unfinished changes were cancelled
frozen-body =
    Somebody opened the link in one of our mails and pressed “Stop it”.
    Every change that was not finished is cancelled.
    Changes that were finished have not been taken back.

passkey-counter-subject = Something is unusual about a passkey
passkey-counter-body =
    Somebody tried to log in with a passkey.
    Something about it was unusual, and it was refused.
    Please call the number below, also if it was you who tried.

account-locked-subject = Your account is locked
account-locked-body =
    The check after the password failed too often, and your account was locked.
    Only the staff can unlock it. Please call the number below.

password-locked-subject = Your password is locked for a while
password-locked-body =
    A wrong password was typed too often, so log-ins have to wait for a while.
    The lock ends by itself. A device that you have logged in with before still gets in.
    If this was not you: nobody has found out your password.

second-step-failed-subject = The check after the password failed again and again
second-step-failed-body =
    The right password was typed, but the check after it (code or passkey) failed several times.
    If this was not you, somebody else knows your password. Please change it at once.

new-browser-subject = A log-in from a new device
new-browser-body =
    Somebody logged in with a device or browser that had not been used for your account before.
    If this was you, there is nothing to do.

staff-unlocked-subject = A lock was lifted
staff-unlocked-body = The staff of { $society } have lifted a lock from your log-in.

staff-password-issued-subject = A first password was issued
staff-password-issued-body =
    The staff of { $society } have issued a first password for your log-in.
    It does not stand in this mail; you receive it separately.
    The password from before no longer works.

staff-activation-issued-subject = An activation code was issued
staff-activation-issued-body =
    The staff of { $society } have issued an activation code.
    It does not stand in this mail; you receive it separately.

staff-reopened-subject = Please do your first log-in again
staff-reopened-body =
    The staff of { $society } have opened your first log-in again.
    Please follow the society's letter from the beginning.

staff-factor-reset-subject = Your second check was removed
staff-factor-reset-body =
    The staff of { $society } have removed what you had set up for the check after the password.
    Please set it up again at your next log-in.

staff-name-corrected-subject = Your name was corrected
staff-name-corrected-body = The staff of { $society } have corrected the name in your account.

staff-disabled-subject = Your account is closed
staff-disabled-body =
    The staff of { $society } have closed your account.
    You cannot log in until it is opened again.

staff-enabled-subject = Your account is open again
staff-enabled-body = The staff of { $society } have opened your account again.

staff-deleted-subject = Your account was deleted
staff-deleted-body =
    The staff of { $society } have deleted your account.
    You can no longer log in.
