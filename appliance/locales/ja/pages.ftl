# ページの文言。ボタンの名前は紙の手引きと同じにする。

## 枠
required = ※必須
title = { $page }｜{ $society }
title-refused = エラー：{ $title }
skip = 本文へ進む
menu = メニュー
menu-portal = トップページ
menu-help = ヘルプ
menu-language = English
member = { $name } さん
member-logout = ログアウト
contact = お問い合わせ先
contact-phone = 電話番号
contact-hours = 受付時間
support = お困りのときは、ご加入の組合へご連絡ください。

## 時刻（日本時間）
clock-minute = { $hour }時{ $minute }分
clock-day = { $month }月{ $day }日 { $hour }時{ $minute }分
clock-date = { $year }年{ $month }月{ $day }日 { $hour }時{ $minute }分
clock-second = { $hour }時{ $minute }分{ $second }秒
server-clock = 表示した時刻（日本時間）

## 待ち時間：1時間未満は分、2時間以上は切り上げて時間
span-minutes = { $minutes } 分
span-hours = { $hours } 時間
span-hour = 1 時間 { $minutes } 分

## 見出し
page-login = ログイン
page-birth-date = 生年月日の確認
page-terms = 利用規約の確認
page-email = メールアドレスの登録
page-email-wait = メールをご確認ください
page-method = 認証方式の選択
page-new-password = パスワードの更新
page-first-login-complete = 初回ログインが完了しました
page-setup-totp = 認証アプリの設定
page-login-totp = ワンタイムパスワードの入力
page-portal = トップページ
page-logout = ログアウトしますか？
page-login-timeout = もう一度ログインしてください
page-wait = しばらくお待ちください
page-password-locked = パスワードがロックされています
page-account-locked = アカウントがロックされています
page-link-confirm = メールアドレスの確認
page-link-done = メールアドレスを確認しました
page-help = ヘルプ

## ボタン
do-login = ログイン
do-agree = 同意する
do-run = 実行
do-send = 送信
do-resend = 再送信
do-refresh = 更新
do-correct = メールアドレスを訂正する
do-confirm-email = メールアドレスを確認する
do-logout = ログアウトする
do-cancel = キャンセル
do-back = 戻る
do-top = トップページへ

## ログイン
user-id = ユーザID
password = パスワード
# U+2060 は「ユーザID」の途中で行を分けないための印。
login-lead = ユーザ{ "\u2060" }IDとパスワードを入力してください。はじめての方は、お手元のご案内をご覧ください。
login-help = ログインできない方はこちら

## 生年月日
birth-lead = ご本人であることを確認します。
birth-date = 生年月日
birth-hint = 例：昭和 30 年 4 月 1 日。西暦でも入力できます。
birth-era = 年号
birth-year = 年
birth-month = 月
birth-day = 日
era-common = 西暦
era-showa = 昭和
era-heisei = 平成
era-reiwa = 令和
era-taisho = 大正

## 利用規約
terms-lead = 利用規約をお読みになり、よろしければ「同意する」を押してください。
terms-version = 版：{ $version }
terms-leave = 同意しない方は、ログアウトして終了できます。
terms-leave-link = 同意しないで終了する

## メールアドレス
email = メールアドレス
email-lead-waits = 入力されたメールアドレスに確認のメールを送ります。メールの中のリンクを開くと、次へ進めます。
email-lead = 登録するメールアドレスをご確認ください。確認のメールを送りますが、メールを待たずに次へ進めます。
email-hint = 迷惑メールの設定をしている方は、当組合からのメールを受け取れるようにしてください。
email-wait-lead = 次のメールアドレスに確認のメールを送ります。
email-wait-since = { $time } に受け付けました。
email-wait-delayed = ただいまメールの送信に時間がかかっています。このままお待ちください。もう一度送る必要はありません。
email-wait-step-open = 届いたメールの中のリンクを開き、「メールアドレスを確認する」を押します。
email-wait-step-back = この画面に戻り、「更新」を押します。
email-wait-none = メールが届かないとき
email-wait-none-text = 迷惑メールのフォルダーをご確認ください。メールアドレスに間違いがないかもご確認ください。再送信すると、前のメールのリンクは使えなくなります。
link-confirm-lead = 下のボタンを押すと、メールアドレスの確認が終わります。
link-done-lead-waits = 「メールをご確認ください」の画面に戻り、「更新」を押してください。この画面は閉じて構いません。
link-done-lead = 確認できました。この画面を閉じてください。

## 認証方式
method-lead = 次回のログインからは、パスワードのあとに、もう一つの確認をします。その方法を選んでください。
method = 認証方式
method-recommended = 推奨
method-totp = 認証アプリ（ワンタイムパスワード）
method-totp-hint = スマートフォンのアプリに表示される6桁の数字を入力します。
method-passkey = 生体認証（パスキー）
method-passkey-hint = 指紋・顔・画面ロックで確認します。
method-mail-code = メール（ワンタイムパスワード）
method-mail-code-hint = メールで届く6桁の数字を入力します。
user-id-asked = 新しいユーザID
user-id-asked-hint = ご自分で決めたユーザIDに変更してください。{ $min }文字以上{ $max }文字以内で、半角の英字と数字を組み合わせます。今のユーザIDのままでも進めます。
user-id-optional-hint = 変更したい方だけ入力し直してください。{ $min }文字以上{ $max }文字以内で、半角の英字と数字を組み合わせます。
user-id-chars = 利用不可文字一覧を見る
user-id-chars-usable = 使える文字：半角の英字（大文字は小文字になります）、半角の数字、次の記号
user-id-chars-unusable = 使えない文字：全角の文字、空白、次の記号

## 新しいパスワード
new-password-lead = 次回のログインから使うパスワードを決めてください。
new-password = 新しいパスワード
again = パスワード確認用
again-hint = 同じパスワードをもう一度入力してください。
password-rule = 使えるパスワード
password-rule-length = { $min }文字以上{ $max }文字以内
password-rule-ascii = 半角の英字・数字と、次の記号
password-rule-user-id = ユーザIDとは別のもの
password-rule-unchanged = 今のパスワードとは別のもの
sign-out = 全てのデバイスからサインアウトする
sign-out-hint = ほかのスマートフォンやパソコンでログインしているときは、そちらもログアウトします。

## 初回ログインの完了
complete-lead = おつかれさまでした。いったんログアウトし、もう一度ログインしてください。
complete-next = 次のログインで、選んだ認証方式の設定をします。ユーザIDと、新しいパスワードをご用意ください。

## 認証アプリの設定
setup-lead = スマートフォンの認証アプリを使えるようにします。
setup-install = 認証アプリを用意します
setup-install-text = お持ちでない方は、スマートフォンのアプリストアから Google Authenticator、Microsoft Authenticator などを入手してください。
setup-scan = アプリで次の画像を読み取ります
setup-scan-text = アプリの「＋」から「QRコードをスキャン」を選び、カメラを画像に向けてください。画像は保存して読み込むこともできます。
setup-scan-alt = 認証アプリで読み取るQRコード。読み取れないときは「スキャンできませんか？」を選んでください。
setup-cannot-scan = スキャンできませんか？
setup-key = アプリにキーを入力します
setup-key-text = アプリの「＋」から「セットアップキーを入力」を選び、次の内容を入力してください。
setup-key-link = このスマートフォンのアプリで開く
setup-key-link-text = この画面をスマートフォンで見ている方は、次のリンクでも設定できます。
setup-key-value = キー
setup-key-account = アカウント名
setup-key-type = 種類
setup-key-type-value = 時間ベース
setup-key-digits = 桁数
setup-key-digits-value = 6桁
setup-key-period = 更新間隔
setup-key-period-value = 30秒
setup-type = アプリに表示された数字を入力します
code = ワンタイムパスワード
code-hint = アプリに表示される6桁の数字です。数字は30秒ごとに変わります。
device = デバイス名
device-hint = あとで見分けるための名前です。例：わたしのスマートフォン

## ワンタイムパスワード
code-lead = 「{ $device }」の認証アプリを開き、表示されている6桁の数字を入力してください。
code-clock = スマートフォンの時刻がずれていると、数字が合いません。
code-help = アプリを使えない方はこちら

## トップページ
portal-last = 前回のログイン：{ $time }
portal-last-doubt = 心当たりがないときは、組合へご連絡ください。
portal-first = 前回のログインの記録は、まだありません。
portal-services = ご利用いただけるサービス
portal-none = ただいまご利用いただけるサービスはありません。

## ログアウト
logout-lead = ログアウトすると、もう一度ログインするまでサービスを利用できません。

## 終わったログイン、待ち、ロック
timeout-lead = ログインの有効時間が過ぎたか、ほかの画面でログアウトされました。
wait-lead = その時刻になるまでは、正しく入力しても先へ進めません。
wait-login = ログイン画面へ戻る
locked-lead = 間違えて入力した覚えがないときも、組合へご連絡ください。

## ヘルプ
help-lead = お困りのことを、下からお探しください。解決しないときは、組合へお電話ください。
help-password = ユーザIDやパスワードがわからない
help-password-text = はじめてログインする方は、お手元のご案内をご確認ください。わからないときは、組合へお電話ください。
help-code = ワンタイムパスワードが正しくないと表示される
help-code-text = スマートフォンの時刻を自動設定にし、アプリに表示されている新しい数字を入力してください。
help-phone = スマートフォンを変えた、なくした
help-phone-text = 認証アプリを使えず、ログインできないときは、組合へお電話ください。
help-mail = 確認のメールが届かない
help-mail-text = 迷惑メールのフォルダーと、受信の設定をご確認ください。画面に「メールアドレスを訂正する」があるときは、そこで訂正できます。ないときは、組合へお電話ください。
help-locked = ロックされた、待つように表示された
help-locked-text = 表示された時刻を過ぎてから、もう一度お試しください。「アカウントがロックされています」と表示されたときは、組合へお電話ください。

## お断り：1行目は何が起きたか、.do は何をすればよいか
refusal-login-wrong = 無効なユーザ ID またはパスワードです。
    .do = 入力した内容をご確認のうえ、もう一度入力してください。
refusal-birth-date-wrong = 生年月日が登録と一致しません。
    .do = 年号と年・月・日をご確認のうえ、もう一度入力してください。
refusal-birth-date-exhausted = 生年月日の間違いが続いたため、ログインを終了しました。
    .do = もう一度はじめからログインしてください。
refusal-birth-date-not-a-date = その日付はありません。
    .do = 年号と年・月・日をご確認ください。
refusal-terms-changed = お読みのあいだに利用規約が新しくなりました。
    .do = 新しい利用規約をお読みになり、よろしければ「同意する」を押してください。
refusal-email-unfit = このメールアドレスには送れません。
    .do = 「＠」の前後に間違いや空白がないかご確認ください。
refusal-email-in-use = このメールアドレスは、ほかの方が使っています。
    .do = { $waits ->
        [yes] 「メールをご確認ください」の画面に戻り、「メールアドレスを訂正する」を押して、ご自分だけのメールアドレスを登録してください。
       *[no] このメールアドレスは確認できません。組合へお電話ください。
    }
refusal-link-dead = このリンクは使えません。期限が過ぎたか、もう使われたか、新しいメールが送られています。
    .do = { $waits ->
        [yes] 「メールをご確認ください」の画面に戻り、「更新」を押してください。進まないときは「再送信」を押し、いちばん新しいメールのリンクを開いてください。
       *[no] すでに確認が終わった方は、この画面を閉じてください。終わっていない方は、組合へお電話ください。
    }
refusal-method-not-offered = 認証方式が選ばれていません。
    .do = 一覧から1つ選んでください。
refusal-user-id-unfit = このユーザIDは使えません。
    .do = 文字の数と種類をご確認ください。英字と数字の両方が必要です。
refusal-user-id-taken = このユーザIDは、すでに使われています。
    .do = 別のユーザIDを入力してください。
refusal-password-too-short = パスワードが短すぎます。
    .do = 「使えるパスワード」をご確認のうえ、もう一度入力してください。
refusal-password-too-long = パスワードが長すぎます。
    .do = 「使えるパスワード」をご確認のうえ、もう一度入力してください。
refusal-password-sign = パスワードに使えない文字があります。
    .do = 「使えるパスワード」にある文字だけで、もう一度入力してください。
refusal-password-is-user-id = パスワードがユーザIDと同じです。
    .do = 別のパスワードを入力してください。
refusal-password-unchanged = パスワードが今のものと同じです。
    .do = 別のパスワードを入力してください。
refusal-password-differ = 2つのパスワードが違います。
    .do = 同じパスワードを両方に入力してください。
refusal-totp-setup-wrong = 認証コードが異なります
    .do = アプリに表示されている新しい6桁の数字を入力してください。続くときは、スマートフォンの時刻が合っているかご確認ください。
refusal-totp-wrong = ワンタイムパスワードが正しくありません
    .do = アプリに表示されている新しい6桁の数字を入力してください。続くときは、スマートフォンの時刻が合っているかご確認ください。
refusal-device-name-unfit = このデバイス名は使えません。
    .do = 1文字以上40文字以内で入力してください。
refusal-guard-wait = 入力の間違いが続いたため、しばらくお待ちいただきます。
    .do = { $time } を過ぎてから（あと { $span }）、もう一度お試しください。
refusal-guard-password-locked = パスワードの間違いが続いたため、ロックされています。
    .do = { $time } を過ぎてから（あと { $span }）、もう一度お試しください。お急ぎの方は組合へお電話ください。
refusal-guard-account-locked = 間違いが続いたため、このアカウントはロックされています。
    .do = 組合の担当者だけが解除できます。お電話ください。
refusal-guard-try-again = ほかの画面の操作と重なりました。
    .do = 今の操作は受け付けていません。間違いの回数にも数えていません。少し待ってから、もう一度お試しください。
refusal-mail-too-soon = 今はまだ、メールを送れません。
    .do = 1分ほど待っても届かないときに、もう一度お試しください。何度も送ったあとは、丸1日待ってからお試しください。

## 旅の途中ではない知らせ：見出し、.what は誰のせいか、.do は何をすればよいか
problem-bad-request = このページを表示できません
    .what = 送られた内容を読み取れませんでした。
    .do = トップページから、もう一度操作してください。
problem-forbidden = この操作は受け付けられませんでした
    .what = 画面を開いてから時間がたったか、ほかのページから送られた操作です。何も変更していません。
    .do = トップページから、もう一度操作してください。
problem-not-found = ページが見つかりません
    .what = アドレスが間違っているか、ページがなくなりました。
    .do = アドレスをご確認ください。トップページへ戻ることもできます。
problem-method-not-allowed = このページは直接開けません
    .what = このアドレスは、画面のボタンから使うものです。
    .do = トップページから、もう一度操作してください。
problem-too-large = 入力が長すぎます
    .what = 送られた内容が大きすぎるため、受け付けませんでした。
    .do = 前の画面に戻り、短くして送ってください。
problem-unsupported-media = この形式は受け付けられません
    .what = 画面の入力欄からではない方法で送られました。
    .do = トップページから、画面の入力欄を使って操作してください。
problem-misdirected = アドレスが違います
    .what = このアドレスの組合は、ここにはありません。
    .do = 組合のご案内にあるアドレスをご確認ください。
problem-busy = ただいま混み合っています
    .what = お客様の操作に問題はありません。今の操作は受け付けていません。間違いの回数にも数えていません。
    .do = 1分ほど待ってから、もう一度お試しください。
problem-try-later = ただいま確認ができません
    .what = こちらの設備の不具合です。お客様の操作に問題はありません。今の操作は受け付けていません。間違いの回数にも数えていません。
    .do = しばらくしてから、もう一度お試しください。続くときは組合へお電話ください。
problem-internal = 不具合が起きました
    .what = こちらの不具合です。お客様の操作に問題はありません。
    .do = しばらくしてから、もう一度お試しください。続くときは組合へお電話ください。
