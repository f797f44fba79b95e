# Letters by mail, in easy Japanese: short sentences, no technical words. Plain text.
# $link, $code, $password and $user stand alone on their lines. No link, code or user ID in a subject.

weekday = { $weekday ->
    [1] 月
    [2] 火
    [3] 水
    [4] 木
    [5] 金
    [6] 土
   *[7] 日
}
instant = { $year }年{ $month }月{ $day }日({ $weekday }){ $hour }時{ $minute }分
span-minutes = { $count }分
span-hours = { $count }時間
span-days = { $count }日間

## What every letter begins and ends with

subject = 【{ $society }】{ $about }
greeting = { $society }からのお知らせです。
footer =
    ――――――――――
    { $society }
    電話: { $phone }
    受付: { $open }

    このメールには返信できません。
    パスワードや数字のコードを、メールや電話でお聞きすることはありません。

## Under a notice: when, and what to do if it was not the reader

at = 日時: { $at }(日本時間)
disown =
    ■ 覚えがないとき
    ほかの人がしたかもしれません。
    次のリンクを開いて、出てきたページの「手続きを止める」を押してください。
    手続き中の変更を、すべて取り消します。

    { $link }

    リンクを使える期限:
    { $expires }まで(日本時間)
    このメールを送ってから{ $span }です。

    もう終わった変更は、ボタンを押しても元に戻りません。
    すぐに下の電話番号にも連絡してください。
call =
    ■ 覚えがないとき
    ほかの人がしたかもしれません。
    すぐに下の電話番号に連絡してください。
ask =
    ■ 覚えがないとき
    頼んだ覚えがないときや、理由がわからないときは、下の電話番号に連絡してください。

## Letters with a link, a code or a password

confirm-email-subject = メールアドレスの確認
confirm-email-body =
    メールアドレスを確認するためのメールです。
    次のリンクを開いて、出てきたページのボタンを押してください。

    { $link }

    { $held ->
        [yes] 安全のため、リンクは { $from }(日本時間)から使えます。
       *[no] リンクは、今すぐ使えます。
    }
    リンクを使える期限:
    { $expires }まで(日本時間)
    このメールを送ってから{ $span }です。

    { $waits ->
        [yes] 期限が過ぎたときは、もう一度ログインし、「再送信」を押してください。
       *[no] 期限が過ぎたときは、ログインして「Eメール変更」を開き、もう一度登録してください。
    }

    ■ 覚えがないとき
    リンクを開かずに、このメールを消してください。
    ボタンを押さなければ、このメールアドレスは登録されません。

reset-subject = パスワードのリセット
reset-body =
    パスワードを忘れたときの申し込みを受け付けました。
    次のリンクを開いて、出てきたページの「パスワードをリセット」を押してください。

    { $link }

    リンクを使える期限:
    { $expires }まで(日本時間)
    このメールを送ってから{ $span }です。

    期限が過ぎたときは、ログイン画面の「パスワードを忘れた方はこちら」から、もう一度申し込んでください。
    何度も申し込んだときは、いちばん新しいメールのリンクだけが使えます。

    ■ 覚えがないとき
    リンクを開かずに、このメールを消してください。
    ボタンを押さなければ、何も変わりません。
    何度も届くときは、下の電話番号に連絡してください。

user-id-subject = ユーザIDのお知らせ
user-id-body =
    お問い合わせのあった、あなたのユーザIDをお知らせします。
    問い合わせの日時: { $at }(日本時間)

    ユーザID:
    { $user }

    ■ 覚えがないとき
    ほかの人が問い合わせたかもしれません。
    登録の内容は、何も変わっていません。
    何度も届くときは、下の電話番号に連絡してください。

mail-code-subject = 二段階確認(メール)の数字
mail-code-body =
    ログインの二段階確認(メール)に使う数字です。
    ログインの画面に、次の6桁の数字を入力してください。

    { $code }

    数字を使える期限:
    { $expires }まで(日本時間)
    送信を頼んでから{ $span }です。

    期限が過ぎたときは、画面の「再送信」を押してください。
    いちばん新しいメールの数字だけが使えます。

    ■ 覚えがないとき
    ほかの人が、あなたのパスワードでログインしようとしたかもしれません。
    この数字をだれにも教えないでください。
    すぐに下の電話番号に連絡してください。

issued-subject = ユーザIDと仮のパスワードのお知らせ
issued-body =
    { $society }の担当者が、あなたのユーザIDと仮のパスワードを発行しました。
    発行した日時: { $at }(日本時間)

    ユーザID:
    { $user }

    仮のパスワード:
    { $password }

    仮のパスワードを使える期限:
    { $expires }まで(日本時間)
    発行してから{ $span }です。

    ログインすると、ご自分のパスワードを決める画面が出ます。
    パスワードを決めたら、このメールを消してください。
    期限が過ぎたときは、下の電話番号に連絡してください。

    ■ 覚えがないとき
    頼んだ覚えがないときは、ログインせずに、下の電話番号に連絡してください。

## Notices

first-login-finished-subject = 初回ログインが終わりました
first-login-finished-body =
    初回ログインの手続きが、すべて終わりました。
    次からは、ご自分で決めたパスワードでログインしてください。

password-changed-subject = パスワードを変更しました
password-changed-body =
    ログインに使うパスワードを変更しました。
    次からは、新しいパスワードでログインしてください。

email-changed-subject = メールアドレスを変更しました
email-changed-body =
    登録しているメールアドレスを、別のメールアドレスに変更しました。
    これからのお知らせは、新しいメールアドレスに届きます。

email-change-asked-subject = メールアドレス変更の申し込みがありました
email-change-asked-body =
    登録しているメールアドレスを、別のメールアドレスに変更する申し込みがありました。
    新しいメールアドレスの確認が終わるまでは、変わりません。

user-id-changed-subject = ユーザIDを変更しました
user-id-changed-body =
    ログインに使うユーザIDを変更しました。
    次からは、新しいユーザIDでログインしてください。

method-changed-subject = ログイン方法を変更しました
method-changed-body =
    パスワードのあとの確認に、別の方法を選びました。
    新しい方法の設定が終わるまでは、今の方法でログインできます。

totp-added-subject = 認証アプリを登録しました
totp-added-body = ログインに使う認証アプリを登録しました。

passkey-added-subject = 生体認証を登録しました
passkey-added-body = ログインに使う生体認証(パスキー)を登録しました。

device-deleted-subject = デバイスを削除しました
device-deleted-body =
    ログインに使うデバイスを、登録から削除しました。
    そのデバイスでは、もう確認できません。

recovery-codes-made-subject = 予備コードを作りました
recovery-codes-made-body =
    デバイスを使えないときのための、予備コードを作りました。
    前に作った予備コードは、もう使えません。

recovery-code-used-subject = 予備コードを使いました
recovery-code-used-body =
    予備コードを1つ使いました。
    使った予備コードは、もう使えません。

recovery-finished-subject = パスワードをリセットしました
recovery-finished-body =
    パスワードを忘れたときの手続きで、パスワードをリセットしました。
    次からは、新しいパスワードでログインしてください。

recovery-held-subject = パスワードのリセットを受け付けました
recovery-held-body =
    メールのリンクを使って、パスワードがリセットされました。
    安全のため、次の日時までは確認期間です。

    { $until }(日本時間)まで

    確認期間中は、メールアドレスやログイン方法を変更できません。
    確認期間中に、前のパスワードと確認の方法でログインすると、このリセットは取り消されます。

recovery-counts-subject = パスワードのリセットの確認期間が終わりました
recovery-counts-body =
    パスワードのリセットの確認期間が終わりました。
    前のパスワードは、もう使えません。

recovery-cancelled-subject = パスワードのリセットを取り消しました
recovery-cancelled-body =
    前のパスワードと確認の方法でログインがありました。
    そのため、確認期間中だったパスワードのリセットを取り消しました。

frozen-subject = 手続き中の変更を取り消しました
frozen-body =
    お知らせのメールのリンクで、「手続きを止める」が押されました。
    手続き中の変更を、すべて取り消しました。
    もう終わった変更は、元に戻っていません。

passkey-counter-subject = 生体認証に、いつもと違うところがあります
passkey-counter-body =
    生体認証(パスキー)でログインしようとした人がいます。
    いつもと違うところがあったので、受け付けませんでした。
    ご自分でログインしようとしたときも、下の電話番号に連絡してください。

account-locked-subject = アカウントをロックしました
account-locked-body =
    パスワードのあとの確認で間違いが続いたので、アカウントをロックしました。
    ロックを解除できるのは、担当者だけです。下の電話番号に連絡してください。

password-locked-subject = パスワードをしばらくロックしました
password-locked-body =
    パスワードの間違いが続いたので、ログインをしばらく受け付けません。
    時間がたつと、自動で解除されます。これまでに使ったことのある端末からは、今もログインできます。
    お心当たりがなくても、パスワードは知られていません。

second-step-failed-subject = パスワードのあとの確認で、間違いが続きました
second-step-failed-body =
    正しいパスワードのあとの確認(コードや生体認証)が、続けて失敗しました。
    ご自身でないときは、ほかの人がパスワードを知っています。すぐにパスワードを変更してください。

new-browser-subject = 新しい端末からログインがありました
new-browser-body =
    これまで使ったことのない端末またはブラウザから、ログインがありました。
    ご自身のログインであれば、何もする必要はありません。

staff-unlocked-subject = ロックを解除しました
staff-unlocked-body = { $society }の担当者が、ログインのロックを解除しました。

staff-password-issued-subject = 仮のパスワードを発行しました
staff-password-issued-body =
    { $society }の担当者が、ログインに使う仮のパスワードを発行しました。
    仮のパスワードは、このメールには書かれていません。別にお届けします。
    前のパスワードは、もう使えません。

staff-activation-issued-subject = 本人確認コードを発行しました
staff-activation-issued-body =
    { $society }の担当者が、本人確認コードを発行しました。
    コードは、このメールには書かれていません。別にお届けします。

staff-reopened-subject = 初回ログインをやり直してください
staff-reopened-body =
    { $society }の担当者が、初回ログインをもう一度できるようにしました。
    お手元のご案内のとおりに、はじめから手続きをしてください。

staff-factor-reset-subject = ログイン方法の登録を消しました
staff-factor-reset-body =
    { $society }の担当者が、パスワードのあとの確認に使う登録を消しました。
    次のログインで、もう一度設定してください。

staff-name-corrected-subject = お名前を訂正しました
staff-name-corrected-body = { $society }の担当者が、登録しているお名前を訂正しました。

staff-disabled-subject = アカウントを停止しました
staff-disabled-body =
    { $society }の担当者が、アカウントを停止しました。
    再開するまで、ログインできません。

staff-enabled-subject = アカウントを再開しました
staff-enabled-body = { $society }の担当者が、停止していたアカウントを再開しました。

staff-deleted-subject = アカウントを削除しました
staff-deleted-body =
    { $society }の担当者が、アカウントを削除しました。
    もうログインできません。
