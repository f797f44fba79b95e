# Texts of the pages. The same ids as in Japanese; a test keeps it so.

## Frame
required = (required)
title = { $page } | { $society }
title-refused = Error: { $title }
skip = Skip to the content
menu = Menu
menu-portal = Top page
menu-profile = Change profile
menu-login-methods = Change log-in methods
menu-own-page = My page
menu-help = Help
menu-language = 日本語
member = { $name }
member-logout = Log out
contact = Contact
contact-phone = Phone
contact-hours = Hours
support = If you need help, please contact your society.

## Times (Japan)
clock-minute = { $hour }:{ $minute }
clock-day = { $hour }:{ $minute } on { $day } { $month ->
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
clock-date = { $day } { $month ->
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
} { $year }, { $hour }:{ $minute }
clock-second = { $hour }:{ $minute }:{ $second }
server-clock = Time when this page was made (Japan)

## Waits: minutes below one hour, whole hours rounded up from two hours on
span-minutes = { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}
span-hours = { $hours ->
    [one] 1 hour
   *[other] { $hours } hours
}
span-hour = 1 hour { $minutes ->
    [one] 1 minute
   *[other] { $minutes } minutes
}

## Headings
page-login = Log in
page-birth-date = Your birth date
page-terms = Terms of use
page-email = Your e-mail address
page-email-wait = Please check your e-mail
page-method = Choose a second check
page-new-password = Choose a new password
page-first-login-complete = Your first log-in is complete
page-setup-totp = Set up your authenticator app
page-login-totp = Enter your one-time password
page-activation-code = Enter your activation code
page-terms-declined = You have not agreed to the terms
page-setup-passkey = Register a passkey
page-name-passkey = Name this device
page-recovery-codes = Recovery codes
page-login-passkey = Passkey
page-mail-code = Two-step check (e-mail)
page-recovery-code = Enter a recovery code
page-another-way = Another way
page-re-authentication = Please confirm that it is you
page-portal = Top page
page-profile = Change profile
page-login-methods = Change log-in methods
page-own-page = My page
page-change-email = Change the e-mail address
page-change-user-id = Change the user ID
page-change-method = Change the method
page-delete-device = Do you want to delete this device?
page-forgot-password = Forgotten password
page-forgot-user-id = Forgotten user ID
page-see-mail = Please look at your mail
page-recover = Please show that it is you
page-logout = Do you want to log out?
page-login-timeout = Please log in again
page-wait = Please wait a while
page-crowded = Please wait a while
page-password-locked = The password is locked
page-account-locked = The account is locked
page-account-disabled = This account cannot be used
page-link-confirm = Confirm your e-mail address
page-link-done = Your e-mail address is confirmed
page-link-reset = Reset the password
page-link-freeze = Stop what you did not ask for
page-link-frozen = It has been stopped
page-help = Help

## Buttons
do-login = Log in
do-agree = I agree
do-decline = I do not agree
do-run = Submit
do-send = Send
do-resend = Send again
do-refresh = Refresh
do-correct = Correct the address
do-confirm-email = Confirm the address
do-logout = Log out
do-cancel = Cancel
do-back = Back
do-top = To the top page
do-portal = Back to the top page
do-next = Next
do-register = Register
do-ok = OK
do-try-again = Try again
do-change = Change
do-change-email = Change the address
do-set-up = Set up
do-delete = Delete
do-really-delete = Delete it
do-make = Make them
do-make-again = Make new ones
do-not-now = Not now
do-kept = I have kept them
do-reset = Reset the password
do-freeze = Stop it
do-anew = Set it up anew

## Log-in
user-id = User ID
password = Password
login-lead = Enter your user ID and your password. For the first log-in, both are in the letter from your society.
login-forgot-password = I have forgotten my password
login-forgot-user-id = I have forgotten my user ID
login-help = I cannot log in

## Birth date
birth-lead = Please show that it is you.
birth-date = Birth date
birth-hint = For example: 1 April 1955. Years of a Japanese era work as well.
birth-era = Calendar
birth-year = Year
birth-month = Month
birth-day = Day
era-common = Western
era-showa = Showa
era-heisei = Heisei
era-reiwa = Reiwa
era-taisho = Taisho

## Terms
terms-lead = Please read the terms, then press “I agree” or “I do not agree”.
terms-version = Version { $version }

declined-lead = You have not agreed to the terms, so you cannot use the services.
declined-text = To read them again, press “Back to the terms”. To leave, press “Log out”.
declined-back = Back to the terms

## Codes on paper
activation-code = Activation code
activation-lead = Enter the activation code in the letter from your society.
activation-none = If you do not have the code, please call your society.
paper-code-hint = 16 letters and digits. Capitals, hyphens and spaces do not matter.

## E-mail
email = E-mail address
email-lead-waits = We send a mail to the address you enter. Open the link in it to go on.
email-lead = Please check the address to register. We send a mail to confirm it; you can go on without waiting.
email-hint = If you filter your mail, please allow mail from your society.
email-wait-lead = We send a mail to this address:
email-wait-since = Asked for at { $time }.
email-wait-delayed = Sending takes longer than usual. Please wait; there is no need to ask again.
email-wait-step-open = Open the link in the mail and press “Confirm the address”.
email-wait-step-back = Come back to this page and press “Refresh”.
email-wait-none = If no mail comes
email-wait-none-text = Please look in the spam folder and check the address. After a new mail, the link in the earlier one no longer works.
link-confirm-lead = Press the button to confirm that mail reaches you.
link-done-lead-waits = Go back to the page “Please check your e-mail” and press “Refresh”. You can close this page.
link-done-lead = That worked. Please close this page.
link-reset-lead = Press the button to go on: you show that it is you, and choose a new password.
link-freeze-lead = If you did not ask for what our mail told you, press the button.
link-freeze-cancels = Changes in progress (reset of the password, change of address or method) are cancelled.
link-freeze-keeps = Your present password and method go on working.
link-frozen-lead = The changes in progress have been cancelled.
link-frozen-next = Now log in and refresh your password. If you cannot log in, or something has changed already, call your society at once.

## Method
method-lead = From the next log-in on there is a second check after your password. Choose which one.
method = Method
method-recommended = Recommended
method-totp = Authenticator app (one-time password)
method-totp-hint = You type six digits that an app on your phone shows.
method-passkey = Passkey
method-passkey-hint = You use your fingerprint, your face or your screen lock.
method-mail-code = Two-step check (e-mail)
method-mail-code-hint = You type six digits that come by mail.
method-present = In use
user-id-asked = New user ID
user-id-asked-hint = Please choose a user ID of your own: { $min } to { $max } characters, letters and digits together. You may also keep the present one.
user-id-optional-hint = Only if you want another one: { $min } to { $max } characters, letters and digits together.
user-id-change-hint = { $min } to { $max } characters, letters and digits together. Capitals become small letters.
user-id-chars = Show characters that cannot be used
user-id-chars-usable = Usable: half-width letters (capitals become small letters), half-width digits, and
user-id-chars-unusable = Not usable: full-width characters, spaces, and

## New password
new-password-lead = Choose the password you will log in with from now on.
new-password = New password
again = The same password again
again-hint = Please enter it a second time.
password-rule = What a password must be
password-rule-length = { $min } to { $max } characters
password-rule-ascii = Half-width letters, digits and these signs:
password-rule-user-id = Not your user ID
password-rule-unchanged = Not your present password
sign-out = Sign out of all devices
sign-out-hint = Logs you out on every other phone and computer.

## First log-in complete
complete-lead = Thank you. Please log out now, and log in once more.
complete-next = At the next log-in you set up or use the method you chose. Have your user ID and the new password at hand.

## Set-up of the app
setup-lead = Here you set up an authenticator app on your phone.
setup-install = Have an authenticator app
setup-install-text = If you have none, get Google Authenticator, Microsoft Authenticator or another one from the app store of your phone.
setup-scan = Scan this picture with the app
setup-scan-text = In the app press “+”, choose “Scan a QR code” and point the camera at the picture. You can also save the picture and load it.
setup-scan-alt = QR code for the authenticator app. If you cannot scan it, choose “Can you not scan it?”.
setup-cannot-scan = Can you not scan it?
setup-key = Type the key into the app
setup-key-text = In the app press “+”, choose “Enter a setup key” and enter this:
setup-key-link = Open in the app on this phone
setup-key-link-text = If you read this on the phone that has the app, this link does the same.
setup-key-value = Key
setup-key-account = Account name
setup-key-type = Type
setup-key-type-value = Time-based
setup-key-digits = Digits
setup-key-digits-value = 6
setup-key-period = Interval
setup-key-period-value = 30 seconds
setup-type = Type the digits that the app shows
code = One-time password
code-hint = The six digits in the app. They change every 30 seconds.
device = Device name
device-hint = A name to tell it from others. For example: My phone

## Registering a passkey
setup-passkey-lead = Log in with your fingerprint, your face or your screen lock: just as you unlock your phone or computer.
setup-passkey-press = Press the button below.
setup-passkey-dialogue = A window opens. Follow it and use your fingerprint, your face or your screen lock.
setup-passkey-name = After that you can give the device a name.
setup-passkey-elsewhere = If your computer cannot do it
setup-passkey-elsewhere-text = In the window, choose to use a phone or tablet, and register the phone you have. A security key works too.
setup-passkey-private = Your fingerprint and your face never leave your own device.
passkey-no-script = The button on this page needs JavaScript. Please turn JavaScript on in your browser and open this page again. If you cannot, choose “Another way” or call your society.
name-passkey-lead = It is registered. Please give it a name to tell it from others.
name-passkey-hint = You may keep this name or leave the field empty. For example: My phone

## Recovery codes
recovery-codes = Recovery codes
recovery-code = Recovery code
offer-codes-lead = Recovery codes let you log in when you have lost your phone or have a new one.
offer-codes-ten = You get 10 codes. Each works once.
offer-codes-keep = Print them or write them down, and keep them in a safe place at home.
offer-codes-later = You can also make them later under “Change log-in methods”.
offer-codes-left = { $count ->
    [one] The one code that you have left no longer works when you make new ones.
   *[other] The { $count } codes that you have left no longer work when you make new ones.
}
codes-lead = Print this page or write the codes down. You find “Print” in the menu of your browser.
codes-since = Made on { $time }
codes-once = Each code works once. Cross it out when you have used it.
codes-secret = Show them to nobody. Your society never asks for a code.
codes-use = When you log in, choose “Another way” and then “Recovery code”.
codes-gone = When you leave this page, these codes are not shown again.
recovery-code-lead = Enter one of the recovery codes that you have on paper.
recovery-code-left = { $count ->
    [one] 1 code left
   *[other] { $count } codes left
}

## One-time password
code-lead = Open the authenticator app on “{ $device }” and enter the six digits it shows.
code-lead-chosen = Open the authenticator app on the device you chose and enter the six digits it shows.
code-device = Choose a device
again-lead = To go on, please confirm once more that it is you.
code-clock = If the clock of your phone is wrong, the digits do not fit.

## Log-in with a passkey
passkey-lead = Press the button and a window opens. Use your fingerprint, your face or your screen lock.
passkey-elsewhere = If you registered your phone and log in on a computer
passkey-elsewhere-text = In the window, choose to use a phone or tablet, and scan the QR code with your phone.

## Two-step check by mail
mail-code-lead = We send six digits to this address. Enter them here when they come.
mail-code-since = Asked for at { $time }.
mail-code-until = They work until { $time }.
mail-code-none = There is no one-time password at the moment. Press “Send again”, and we send one to this address:
mail-code-delayed = Sending takes longer than usual. Please wait.
mail-code-hint = The six digits in the mail.
mail-code-missing = Please look in the spam folder. After a new mail, the digits in the earlier one no longer work.
mail-code-again-from = You can ask for another mail from { $time }.

## Another way
another-way = Another way
another-way-lead = Choose a way that you can use.
another-way-present = Asked for now
another-way-none = If none of them works
another-way-none-text = If you can read mail at your registered address, go on here. If not, please call your society.
way-passkey = Passkey
way-passkey-hint = You use your fingerprint, your face or your screen lock.
way-totp = Authenticator app
way-totp-hint = You type six digits that the app shows.
way-mail-code = Two-step check (e-mail)
way-mail-code-hint = You type six digits that come by mail.
way-recovery-code = Recovery code
way-recovery-code-hint = You type a code that you keep on paper.
kind-passkey = Passkey
kind-totp = Authenticator app
kind-mail-code = Two-step check (e-mail)

## Top page
portal-last = Last log-in: { $time }
portal-last-doubt = If that was not you, please contact your society.
portal-last-more = See the latest log-ins
portal-first = There is no earlier log-in on record.
portal-services = Services for you
portal-none = There are no services at the moment.
portal-hold = Your password reset is still in its waiting time
portal-hold-text = To protect you, changes of address, methods and the like have to wait until { $time }. You can use the services.
portal-codes = { $count ->
    [one] You have 1 recovery code left
   *[other] You have { $count } recovery codes left
}
portal-codes-text = To make new ones, or to set up an app or a passkey again, go to:
portal-passkey = You can use a passkey
portal-passkey-text = With your fingerprint, face or screen lock, no forged page can deceive you so easily. Set it up here:

## Change profile
profile-name = Name
profile-name-hint = If your name is wrong, please contact your society.
profile-change-user-id = Change the user ID
profile-change-method = Change the method
profile-email-none = None is registered
profile-email-unproven = Not confirmed
profile-email-pending = A change to { $address } has been asked for. It takes effect when you open the link in the mail.
profile-email-pending-from = The link works from { $time }.
profile-method-none = None is set
profile-method-pending = A change to “{ $method }” has been asked for. You set it up at the next log-in.
profile-method-pending-from = That is possible from { $time }.
new-email = New e-mail address
change-email-lead = We send a mail to the new address. Until you open the link in it, the present address stays in use.
change-user-id-lead = From the next log-in on you use the new user ID.
change-method-lead = Choose the method for your log-in anew. At the next log-in you use the present one once more, and then set up the new one.

## Change log-in methods
methods-password-since = Made on { $time }
methods-password-given = This password came from your society.
methods-change-password = Refresh the password
methods-second = Two-factor authentication
methods-add-totp = Set up an authenticator app
methods-add-passkey = Set up a passkey
methods-delete = Delete { $name }
methods-last = The last one cannot be deleted. Set up another device first.
methods-none = No device is registered.
methods-codes-since = Made on { $time }
methods-codes-none = You have none yet. They help when you lose your phone.
device-since = Registered
device-last-use = Last used
device-never-used = Not used yet
device-synced = Other devices
device-synced-yes = Also works on other devices of yours
device-synced-no = Works on this device only
delete-lead = This device can then no longer be used to log in:
delete-totp = The authenticator app on this device no longer lets you in. Please remove the entry in the app yourself.
delete-passkey = The passkey on this device no longer lets you in.

## My page
own-lead = Your data and your log-ins. Please look from time to time whether all of it was you.
own-activation = Activation code
own-activation-text = Enter the activation code in the letter from your society, and changes of address and method need not wait.
own-pending = Changes in progress
own-pending-until = Waiting time until { $time }
own-pending-doubt = If that was not you, open the link under “If this was not you” in the mail you got and press “Stop it”, or call your society.
pending-email = Change of e-mail address. It takes effect when the link in the mail to the new address is opened.
pending-method = Change of method: { $method }. You set it up at the next log-in.
pending-recovery = Reset of the password
own-logins = Latest log-ins
own-logins-doubt = If one of them was not you, refresh your password at once and call your society.
own-sessions = Where you are logged in
own-session-this = Here
own-session-other = Elsewhere
own-session-since = Logged in
own-session-used = Last used
own-end-others = Log out everywhere else
own-no-others = You are not logged in anywhere else.
own-devices = Registered devices
own-devices-change = Set up and delete devices

## What is forgotten
forgot-password-lead = Enter your user ID. We send a mail to your registered address, with which you can reset the password.
forgot-user-id-lead = Enter your birth date and your registered e-mail address. We send you your user ID by mail.
forgot-user-id-email-hint = The address that you registered with your society and confirmed.
forgot-unfinished = If your first log-in is not complete, or no address is registered, we cannot send a mail. Please call your society.
see-mail-lead = If what you entered is what we have on file, we send a mail to the registered address.
see-mail-link = A link to reset the password works for 5 minutes from sending. After that, please start again.
see-mail-spam = If no mail comes, please look in the spam folder and at your mail settings.
see-mail-none = If it still does not come, check what you entered and try again, or call your society.
recover-lead = Before you choose a new password, please show that it is you. Choose a way that you still have.
recover-none = If you have none of them
recover-anew-text = If you lost your phone or have a new one, and no other way works, set up the method anew and choose a password.
recover-hold = To protect you, there is a waiting time of 72 hours
recover-hold-until = You can use the services meanwhile. Changes of address, methods and the like are possible after 72 hours.
recover-hold-cancel = If somebody logs in with the present password and method in that time, this reset is cancelled.
recover-call = The staff of your society make sure that it is you, and help. Please call.

## Log-out
logout-lead = To use the services after that, you have to log in again.

## Ended log-ins, waits, locks
timeout-lead = The time for this log-in is over, or you were logged out on another page.
wait-lead = Until then you cannot go on, even with the right entry.
wait-goes-on = When the wait is over, this page goes on to the log-in page by itself. You need not do anything.
wait-login = Back to the log-in page
locked-lead = Please also contact your society if you did not make these tries.

## Help
help-lead = Look for your question here. If that does not help, please call your society.
help-password = I do not know my user ID or my password
help-password-text = For the first log-in, please look at the letter from your society. If you have registered an e-mail address, go on here. If not, please call your society.
help-code = The page says that the one-time password is wrong
help-code-text = Set the clock of your phone to automatic and enter the digits that the app shows now. If they come by mail, use those in the newest mail.
help-phone = I have a new phone, or lost mine
help-phone-text = Choose “Another way” while you log in: a recovery code or another device lets you in. If you have none, “I have forgotten my password” may let you set up the method anew. If not, please call your society.
help-passkey = The passkey does not work
help-passkey-text = Bring your browser and your phone or computer up to date, set a screen lock (PIN, fingerprint or face), and press “Try again”. If that does not help, choose “Another way”.
help-mail = The mail does not arrive
help-mail-text = Please look in the spam folder and at your mail settings. If the page shows “Send again” or “Correct the address”, use that. If not, please call your society.
help-locked = I am locked out or told to wait
help-locked-text = Try again after the time shown. If the account is locked, please call your society.
help-doubt = I got a mail about something I did not do
help-doubt-text = Open the link under “If this was not you” in that mail and press “Stop it”. Then, or if there is no link, please call your society.

## Refusals: the first line says what happened, .do what to do
refusal-login-wrong = The user ID or the password is not valid.
    .do = Please check both and enter them again.
refusal-re-authentication-wrong = The password is not right.
    .do = Please enter your present password again.
refusal-birth-date-wrong = This is not the birth date on file.
    .do = Please check calendar, year, month and day and enter them again.
refusal-birth-date-exhausted = The birth date was wrong too often, so the log-in was ended.
    .do = Please log in again from the start.
refusal-birth-date-not-a-date = There is no such day.
    .do = Please check calendar, year, month and day.
refusal-terms-changed = The terms changed while you were reading them.
    .do = Please read the new terms. If you accept them, press “I agree”.
refusal-email-unfit = No mail can be sent to this address.
    .do = Please check the parts before and after “@” for mistakes and spaces.
refusal-email-in-use = Somebody else uses this e-mail address.
    .do = { $at ->
        [waits] Go back to the page “Please check your e-mail”, press “Correct the address” and register an address of your own.
       *[other] Log in, choose “Change profile” and “Change the address”, and register an address of your own.
    }
refusal-email-unchanged = This is the address you have now.
    .do = Please enter the new one. To keep the present one, press “Back”.
refusal-link-dead = This link does not work. It is too old, has been used, or a newer mail was sent.
    .do = { $at ->
        [waits] Go back to the page “Please check your e-mail” and press “Refresh”. If that does not help, press “Send again” and open the link in the newest mail.
        [link-reset] Open the link in the newest mail, or start again with “I have forgotten my password”.
        [link-freeze] If you have stopped it already, please close this page. If not, call your society at once.
       *[other] If you have confirmed the address already, please close this page. If not, log in and start again under “Change profile”, or call your society.
    }
refusal-link-on-hold = This link does not work yet.
    .do = It has a waiting time to protect you. Open it again after { $time } Japan time (in { $span }).
refusal-method-not-offered = { $at ->
        [method] No method is chosen.
        [change-method] This method cannot be chosen.
       *[other] This way cannot be used now.
    }
    .do = { $at ->
        [change-method] Please choose another one. The one by mail needs a confirmed address.
       *[other] Please choose one from the list.
    }
refusal-method-unchanged = This is the method you have now.
    .do = Please choose another one. To keep the present one, press “Back”.
refusal-user-id-unfit = This user ID cannot be used.
    .do = Please check its length and its characters. It needs both letters and digits.
refusal-user-id-taken = This user ID is already in use.
    .do = Please enter another one.
refusal-password-too-short = The password is too short.
    .do = Please read “What a password must be” and enter another one.
refusal-password-too-long = The password is too long.
    .do = Please read “What a password must be” and enter another one.
refusal-password-sign = The password has a character that cannot be used.
    .do = Please use only the characters under “What a password must be”.
refusal-password-is-user-id = The password is your user ID.
    .do = Please enter another one.
refusal-password-unchanged = The password is the one you have now.
    .do = Please enter another one.
refusal-password-differ = The two passwords differ.
    .do = Please enter the same password in both fields.
refusal-totp-setup-wrong = The code is not right.
    .do = Please enter the digits that the app shows now. If it happens again, check the clock of your phone.
refusal-totp-wrong = The one-time password is not right.
    .do = Please enter the digits that the app shows now. If it happens again, check the clock of your phone.
refusal-mail-code-wrong = The one-time password is not right.
    .do = Please enter the six digits in the newest mail.
refusal-mail-code-dead = This one-time password no longer works.
    .do = Press “Send again” and enter the digits in the new mail.
refusal-recovery-code-wrong = The recovery code is not right, or has been used.
    .do = Please check the paper and enter one that you have not used.
refusal-activation-code-wrong = The activation code is not right, or is too old.
    .do = Please check the code in the newest letter. If that does not help, call your society.
refusal-recovery-on-hold = This change has to wait until a reset's waiting time is over.
    .do = Try again after { $time } Japan time (in { $span }).
refusal-device-name-unfit = This device name cannot be used.
    .do = Please enter 1 to 40 characters.
refusal-device-name-taken = Another device of yours has this name.
    .do = Please enter another one.
refusal-device-too-many = No more devices can be registered.
    .do = Delete one that you no longer use, and set up the new one again.
refusal-device-last = The last one cannot be deleted.
    .do = Set up another device first.
refusal-passkey-cancelled = The window was closed.
    .do = To do it once more, press “Try again”. Nothing has changed.
refusal-passkey-known = This device is registered already.
    .do = Use another device, or look at “Change log-in methods”.
refusal-passkey-unsupported = This browser cannot use passkeys.
    .do = Bring it up to date, or use another browser or your phone. Where there is “Another way”, you can choose that too.
refusal-passkey-expired = The page had been open for too long.
    .do = Press “Try again” and do it once more.
refusal-passkey-refused = That could not be confirmed.
    .do = Try once more with the device you registered. If it happens again, choose “Another way” or call your society.
refusal-guard-wait = There were several wrong tries, so you have to wait.
    .do = Try again after { $time } Japan time (in { $span }).
refusal-guard-crowded = Many people are logging in at the moment, so you have to wait.
    .do = Try again after { $time } Japan time (in { $span }). You did nothing wrong, and it does not count as a wrong try.
refusal-guard-password-locked = The password is locked after many wrong tries.
    .do = Try again after { $time } Japan time (in { $span }). If it is urgent, please call your society.
refusal-guard-account-locked = The account is locked after many wrong tries.
    .do = Only the staff of your society can unlock it. Please call.
refusal-guard-account-disabled = Your society has closed this account.
    .do = Please call your society to learn more.
refusal-guard-try-again = Another page did something at the same moment.
    .do = This request was not accepted, and it does not count as a wrong try. Please wait a moment and try again.
refusal-mail-too-soon = We cannot send another mail yet.
    .do = If the mail has not come in about a minute, please try again. After many mails, please wait a whole day.

## Answers that are not pages of the journey: heading, .what says whose fault it is, .do what to do
problem-bad-request = This page cannot be shown
    .what = We could not read what was sent.
    .do = Please start again from the top page.
problem-forbidden = This could not be accepted
    .what = The page had been open for too long, or another page sent this. Nothing was changed.
    .do = Please start again from the top page.
problem-not-found = There is no such page
    .what = The address is wrong, or the page is gone.
    .do = Please check the address, or go to the top page.
problem-method-not-allowed = This page cannot be opened directly
    .what = This address is for the buttons on our pages.
    .do = Please start again from the top page.
problem-too-large = Too much was entered
    .what = What was sent is too large, so we did not accept it.
    .do = Please go back and send something shorter.
problem-unsupported-media = This format is not accepted
    .what = It was not sent from a form on our pages.
    .do = Please start from the top page and use the forms there.
problem-misdirected = This is not the right address
    .what = There is no society with this address here.
    .do = Please check the address in the letter from your society.
problem-busy = We are very busy at the moment
    .what = You did nothing wrong. This request was not accepted, and it does not count as a wrong try.
    .do = In a few seconds this page goes on to the log-in page by itself. You need not do anything.
problem-try-later = We cannot check this at the moment
    .what = Something on our side does not work; you did nothing wrong. This request was not accepted, and it does not count as a wrong try.
    .do = Please try again later. If it happens again, please call your society.
problem-internal = Something went wrong
    .what = It is our mistake, not yours.
    .do = Please try again later. If it happens again, please call your society.
