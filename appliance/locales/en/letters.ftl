# Letters by mail, in plain words. Plain text.
# $link stands alone on its line. No personal data, no user ID, no code in a subject.

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

confirm-email-subject = [{ $society }] Confirm your e-mail address
confirm-email-body =
    This is a message from { $society }.

    Please confirm that mail reaches you.
    Open this link and press the button on the page.

    { $link }

    The link works until
    { $expires }, Japan time.
    That is { $hours ->
        [one] { $hours } hour
       *[other] { $hours } hours
    } from when this mail was sent.

    { $waits ->
        [yes] If it is too late, log in again and press “Send again”.
       *[no] If it is too late, please call the number below.
    }

    If this was not you:
    Do not open the link, and delete this mail.
    Nothing changes unless the button is pressed.

first-login-finished-subject = [{ $society }] Your first log-in is complete
first-login-finished-body =
    This is a message from { $society }.

    Your first log-in is complete.
    It was finished at { $at }, Japan time.

    Next time, log in with the password that you chose.

    If this was not you:
    Somebody else may have done it.
    Please call the number below at once.

totp-set-up-subject = [{ $society }] An authenticator app was set up
totp-set-up-body =
    This is a message from { $society }.

    An authenticator app was set up for your log-in.
    It was set up at { $at }, Japan time.

    If this was not you:
    Somebody else may have done it.
    Please call the number below at once.

footer =
    ----------
    { $society }
    Phone: { $phone }
    Hours: { $open }

    Replies to this mail are not read.
    We never ask for a password or a code by mail or telephone.
