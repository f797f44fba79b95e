# Texts of the pages. The same ids as in Japanese; a test keeps it so.

## Frame
required = (required)
title = { $page } | { $society }
title-refused = Error: { $title }
skip = Skip to the content
menu = Menu
menu-portal = Top page
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
page-portal = Top page
page-logout = Do you want to log out?
page-login-timeout = Please log in again
page-wait = Please wait a while
page-password-locked = The password is locked
page-account-locked = The account is locked
page-link-confirm = Confirm your e-mail address
page-link-done = Your e-mail address is confirmed
page-help = Help

## Buttons
do-login = Log in
do-agree = I agree
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

## Log-in
user-id = User ID
password = Password
login-lead = Enter your user ID and your password. For the first log-in, both are in the letter from your society.
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
terms-lead = Please read the terms. If you accept them, press “I agree”.
terms-version = Version { $version }
terms-leave = If you do not agree, you can log out and leave.
terms-leave-link = Leave without agreeing

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

## Method
method-lead = From the next log-in on there is a second check after your password. Choose which one.
method = Method
method-recommended = Recommended
method-totp = Authenticator app (one-time password)
method-totp-hint = You type six digits that an app on your phone shows.
method-passkey = Passkey
method-passkey-hint = You use your fingerprint, your face or your screen lock.
method-mail-code = E-mail (one-time password)
method-mail-code-hint = You type six digits that come by mail.
user-id-asked = New user ID
user-id-asked-hint = Please choose a user ID of your own: { $min } to { $max } characters, letters and digits together. You may also keep the present one.
user-id-optional-hint = Only if you want another one: { $min } to { $max } characters, letters and digits together.
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
complete-next = At the next log-in you set up the method you chose. Have your user ID and the new password at hand.

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

## One-time password
code-lead = Open the authenticator app on “{ $device }” and enter the six digits it shows.
code-clock = If the clock of your phone is wrong, the digits do not fit.
code-help = I cannot use the app

## Top page
portal-last = Last log-in: { $time }
portal-last-doubt = If that was not you, please contact your society.
portal-first = There is no earlier log-in on record.
portal-services = Services for you
portal-none = There are no services at the moment.

## Log-out
logout-lead = To use the services after that, you have to log in again.

## Ended log-ins, waits, locks
timeout-lead = The time for this log-in is over, or you were logged out on another page.
wait-lead = Until then you cannot go on, even with the right entry.
wait-login = Back to the log-in page
locked-lead = Please also contact your society if you did not make these tries.

## Help
help-lead = Look for your question here. If that does not help, please call your society.
help-password = I do not know my user ID or my password
help-password-text = For the first log-in, please look at the letter from your society. If that does not help, please call your society.
help-code = The page says that the one-time password is wrong
help-code-text = Set the clock of your phone to automatic and enter the digits that the app shows now.
help-phone = I have a new phone, or lost mine
help-phone-text = If you cannot log in because you have no app, please call your society.
help-mail = The mail does not arrive
help-mail-text = Please look in the spam folder and at your mail settings. If the page shows “Correct the address”, you can correct it there. If not, please call your society.
help-locked = I am locked out or told to wait
help-locked-text = Try again after the time shown. If the account is locked, please call your society.

## Refusals: the first line says what happened, .do what to do
refusal-login-wrong = The user ID or the password is not valid.
    .do = Please check both and enter them again.
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
    .do = { $waits ->
        [yes] Go back to the page “Please check your e-mail”, press “Correct the address” and register an address of your own.
       *[no] This address cannot be confirmed. Please call your society.
    }
refusal-link-dead = This link does not work. It is too old, has been used, or a newer mail was sent.
    .do = { $waits ->
        [yes] Go back to the page “Please check your e-mail” and press “Refresh”. If that does not help, press “Send again” and open the link in the newest mail.
       *[no] If you have confirmed the address already, please close this page. If not, please call your society.
    }
refusal-method-not-offered = No method is chosen.
    .do = Please choose one from the list.
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
refusal-device-name-unfit = This device name cannot be used.
    .do = Please enter 1 to 40 characters.
refusal-guard-wait = There were several wrong tries, so you have to wait.
    .do = Try again after { $time } Japan time (in { $span }).
refusal-guard-password-locked = The password is locked after many wrong tries.
    .do = Try again after { $time } Japan time (in { $span }). If it is urgent, please call your society.
refusal-guard-account-locked = The account is locked after many wrong tries.
    .do = Only the staff of your society can unlock it. Please call.
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
    .do = Please wait about a minute and try again.
problem-try-later = We cannot check this at the moment
    .what = Something on our side does not work; you did nothing wrong. This request was not accepted, and it does not count as a wrong try.
    .do = Please try again later. If it happens again, please call your society.
problem-internal = Something went wrong
    .what = It is our mistake, not yours.
    .do = Please try again later. If it happens again, please call your society.
