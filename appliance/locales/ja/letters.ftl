# Letters by mail, in easy Japanese: short sentences, no technical words. Plain text.
# $link stands alone on its line. No personal data, no user ID, no code in a subject.

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

confirm-email-subject = 【{ $society }】メールアドレスの確認
confirm-email-body =
    { $society }からのお知らせです。

    メールアドレスを確認するためのメールです。
    次のリンクを開いて、出てきたページのボタンを押してください。

    { $link }

    リンクを使える期限:
    { $expires }まで(日本時間)
    このメールを送ってから{ $hours }時間です。

    { $waits ->
        [yes] 期限が過ぎたときは、もう一度ログインし、「再送信」を押してください。
       *[no] 期限が過ぎたときは、下の電話番号に連絡してください。
    }

    ■ 覚えがないとき
    リンクを開かずに、このメールを消してください。
    ボタンを押さなければ、何も変わりません。

first-login-finished-subject = 【{ $society }】初回ログインが終わりました
first-login-finished-body =
    { $society }からのお知らせです。

    初回ログインの手続きが、すべて終わりました。
    終わった時刻: { $at }(日本時間)

    次からは、ご自分で決めたパスワードでログインしてください。

    ■ 覚えがないとき
    ほかの人が手続きをしたかもしれません。
    すぐに下の電話番号に連絡してください。

totp-set-up-subject = 【{ $society }】認証アプリを登録しました
totp-set-up-body =
    { $society }からのお知らせです。

    ログインに使う認証アプリを登録しました。
    登録した時刻: { $at }(日本時間)

    ■ 覚えがないとき
    ほかの人が登録したかもしれません。
    すぐに下の電話番号に連絡してください。

footer =
    ――――――――――
    { $society }
    電話: { $phone }
    受付: { $open }

    このメールには返信できません。
    パスワードや数字のコードを、メールや電話でお聞きすることはありません。
