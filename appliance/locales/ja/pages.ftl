# ページの文言。ボタンの名前は紙の手引きと同じにする。

## 枠
required = ※必須
title = { $page }｜{ $society }
title-refused = エラー：{ $title }
skip = 本文へ進む
menu = メニュー
menu-portal = トップページ
menu-profile = プロフィール変更
menu-login-methods = ログイン方法変更
menu-own-page = マイページ
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
page-activation-code = 本人確認コードの入力
page-terms-declined = 利用規約に同意していません
page-setup-passkey = 生体認証の登録
page-name-passkey = デバイス名の登録
page-recovery-codes = 予備コード
page-login-passkey = 生体認証
page-mail-code = 二段階確認(メール)
page-recovery-code = 予備コードの入力
page-another-way = 別の方法
page-re-authentication = 再度認証してください
page-portal = トップページ
page-profile = プロフィール変更
page-login-methods = ログイン方法変更
page-own-page = マイページ
page-change-email = Eメール変更
page-change-user-id = ユーザIDの変更
page-change-method = 認証方式の変更
page-delete-device = このデバイスを削除しますか？
page-forgot-password = パスワードを忘れた方
page-forgot-user-id = ユーザIDを忘れた方
page-see-mail = メールをご覧ください
page-recover = ご本人の確認
page-logout = ログアウトしますか？
page-login-timeout = もう一度ログインしてください
page-wait = しばらくお待ちください
page-crowded = しばらくお待ちください
page-password-locked = パスワードがロックされています
page-account-locked = アカウントがロックされています
page-account-disabled = アカウントは利用できません
page-link-confirm = メールアドレスの確認
page-link-done = メールアドレスを確認しました
page-link-reset = パスワードのリセット
page-link-freeze = 覚えのない手続きを止める
page-link-frozen = 手続きを止めました
page-help = ヘルプ

## ボタン
do-login = ログイン
do-agree = 同意する
do-decline = 同意しない
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
do-portal = ポータルに戻る
do-next = 次へ
do-register = 登録
do-ok = OK
do-try-again = 再試行してください
do-change = 変更
do-change-email = Eメール変更
do-set-up = 設定
do-delete = 削除
do-really-delete = 削除する
do-make = 作成する
do-make-again = 作り直す
do-not-now = 今はしない
do-kept = 保存しました
do-reset = パスワードをリセット
do-freeze = 手続きを止める
do-anew = 新しく設定する

## ログイン
user-id = ユーザID
password = パスワード
# U+2060 は「ユーザID」の途中で行を分けないための印。
login-lead = ユーザ{ "\u2060" }IDとパスワードを入力してください。はじめての方は、お手元のご案内をご覧ください。
login-forgot-password = パスワードを忘れた方はこちら
login-forgot-user-id = ユーザIDを忘れた方はこちら
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
terms-lead = 利用規約をお読みになり、「同意する」か「同意しない」を押してください。
terms-version = 版：{ $version }

declined-lead = 利用規約に同意されていないため、サービスをご利用になれません。
declined-text = もう一度お読みになるときは「利用規約に戻る」を、終了するときは「ログアウトする」を押してください。
declined-back = 利用規約に戻る

## 書面のコード
activation-code = 本人確認コード
activation-lead = 組合からの書面にある本人確認コードを入力してください。
activation-none = コードがわからないときは、組合へお電話ください。
paper-code-hint = 英字と数字の16文字です。大文字と小文字、ハイフンや空白の有無は問いません。

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
link-reset-lead = 下のボタンを押すと、ご本人の確認と、新しいパスワードの設定へ進みます。
link-freeze-lead = お知らせした手続きに覚えがないときは、下のボタンを押してください。
link-freeze-cancels = 手続き中の変更（パスワードのリセット、メールアドレスや認証方式の変更）を取り消します。
link-freeze-keeps = 今のパスワードと認証方式は、そのまま使えます。
link-frozen-lead = 手続き中の変更を取り消しました。
link-frozen-next = 続けてログインし、パスワードを更新してください。ログインできないときや、すでに何かが変わっているときは、すぐに組合へお電話ください。

## 認証方式
method-lead = 次回のログインからは、パスワードのあとに、もう一つの確認をします。その方法を選んでください。
method = 認証方式
method-recommended = 推奨
method-totp = 認証アプリ（ワンタイムパスワード）
method-totp-hint = スマートフォンのアプリに表示される6桁の数字を入力します。
method-passkey = 生体認証（パスキー）
method-passkey-hint = 指紋・顔・画面ロックで確認します。
method-mail-code = 二段階確認(メール)
method-mail-code-hint = メールで届く6桁の数字を入力します。
method-present = 利用中
user-id-asked = 新しいユーザID
user-id-asked-hint = ご自分で決めたユーザIDに変更してください。{ $min }文字以上{ $max }文字以内で、半角の英字と数字を組み合わせます。今のユーザIDのままでも進めます。
user-id-optional-hint = 変更したい方だけ入力し直してください。{ $min }文字以上{ $max }文字以内で、半角の英字と数字を組み合わせます。
user-id-change-hint = { $min }文字以上{ $max }文字以内で、半角の英字と数字を組み合わせます。英字は小文字になります。
user-id-chars = 利用不可文字一覧を見る
user-id-chars-usable = 使える文字：半角の英字（大文字は小文字になります）、半角の数字、次の記号
user-id-chars-unusable = 使えない文字：全角の文字、空白、次の記号

## 新しいパスワード
new-password-lead = これからログインに使うパスワードを決めてください。
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
complete-next = 次のログインで、選んだ認証方式の設定や確認をします。ユーザIDと、新しいパスワードをご用意ください。

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

## 生体認証の登録
setup-passkey-lead = 指紋・顔・画面ロックで、ログインできるようにします。スマートフォンやパソコンのロックを外すときと同じ操作です。
setup-passkey-press = 下のボタンを押します。
setup-passkey-dialogue = 確認の画面が開きます。案内のとおりに、指紋・顔・画面ロックで確認してください。
setup-passkey-name = 登録が終わると、デバイスに名前を付けられます。
setup-passkey-elsewhere = パソコンで使えないとき
setup-passkey-elsewhere-text = 確認の画面で「スマートフォンまたはタブレットを使用する」を選ぶと、お持ちのスマートフォンを登録できます。「セキュリティキー」も使えます。
setup-passkey-private = 指紋や顔の情報は、お使いの機器の外へは送られません。
passkey-no-script = この画面のボタンには、ブラウザのJavaScriptが必要です。ブラウザの設定でJavaScriptを有効にし、この画面を開き直してください。できないときは、「別の方法」を選ぶか、組合へお電話ください。
name-passkey-lead = 登録できました。あとで見分けられるように、名前を付けてください。
name-passkey-hint = そのままでも、空欄のままでも進めます。例：わたしのスマートフォン

## 予備コード
recovery-codes = 予備コード
recovery-code = 予備コード
offer-codes-lead = 予備コードは、スマートフォンをなくしたり、買い替えたりしたときに、ログインするためのコードです。
offer-codes-ten = コードを10個作ります。1個につき、1回だけ使えます。
offer-codes-keep = 紙に印刷するか、書き写して、家の安全な場所に保管してください。
offer-codes-later = 今作らなくても、あとで「ログイン方法変更」から作れます。
offer-codes-left = 今ある予備コード（残り { $count } 個）は、新しく作ると使えなくなります。
codes-lead = この画面を印刷するか、紙に書き写してください。印刷は、ブラウザのメニューの「印刷」からできます。
codes-since = 作成日：{ $time }
codes-once = 1個につき、1回だけ使えます。使ったコードには線を引いてください。
codes-secret = ほかの人に見せないでください。組合がコードをお聞きすることはありません。
codes-use = ログインのときに「別の方法」から「予備コード」を選んで入力します。
codes-gone = この画面を閉じると、同じコードはもう表示されません。
recovery-code-lead = 保管している紙の予備コードを、1つ入力してください。
recovery-code-left = 残り { $count } 個

## ワンタイムパスワード
code-lead = 「{ $device }」の認証アプリを開き、表示されている6桁の数字を入力してください。
code-lead-chosen = 選んだデバイスの認証アプリを開き、表示されている6桁の数字を入力してください。
code-device = デバイスを選んでください
again-lead = 続行する際には再度認証してください。
code-clock = スマートフォンの時刻がずれていると、数字が合いません。

## 生体認証でのログイン
passkey-lead = 下のボタンを押すと、確認の画面が開きます。指紋・顔・画面ロックで確認してください。
passkey-elsewhere = スマートフォンに登録した方が、パソコンでログインするとき
passkey-elsewhere-text = 確認の画面で「スマートフォンまたはタブレットを使用する」を選び、表示されるQRコードをスマートフォンで読み取ってください。

## 二段階確認(メール)
mail-code-lead = 次のメールアドレスに、6桁の数字を送ります。届いたら、ここに入力してください。
mail-code-since = { $time } に受け付けました。
mail-code-until = { $time } まで使えます。
mail-code-none = 今使えるワンタイムパスワードはありません。「再送信」を押すと、次のメールアドレスに送ります。
mail-code-delayed = ただいまメールの送信に時間がかかっています。このままお待ちください。
mail-code-hint = メールで届いた6桁の数字です。
mail-code-missing = 迷惑メールのフォルダーをご確認ください。再送信すると、前のメールの数字は使えなくなります。
mail-code-again-from = { $time } から再送信できます。

## 別の方法
another-way = 別の方法
another-way-lead = 使える方法を選んでください。
another-way-present = 今の方法
another-way-none = どれも使えないとき
another-way-none-text = 登録したメールを受け取れる方は、こちらから手続きできます。受け取れない方は、組合へお電話ください。
way-passkey = 生体認証
way-passkey-hint = 指紋・顔・画面ロックで確認します。
way-totp = 認証アプリ
way-totp-hint = アプリに表示される6桁の数字を入力します。
way-mail-code = 二段階確認(メール)
way-mail-code-hint = メールで届く6桁の数字を入力します。
way-recovery-code = 予備コード
way-recovery-code-hint = 紙に保管しているコードを入力します。
kind-passkey = 生体認証
kind-totp = 認証アプリ
kind-mail-code = 二段階確認(メール)

## トップページ
portal-last = 前回のログイン：{ $time }
portal-last-doubt = 心当たりがないときは、組合へご連絡ください。
portal-last-more = 最近のログインを見る
portal-first = 前回のログインの記録は、まだありません。
portal-services = ご利用いただけるサービス
portal-none = ただいまご利用いただけるサービスはありません。
portal-hold = パスワードのリセットの確認期間中です
portal-hold-text = 安全のため、{ $time } までは、メールアドレスやログイン方法などの変更をお待ちいただきます。サービスはご利用になれます。
portal-codes = 予備コードは、残り { $count } 個です
portal-codes-text = 少なくなったときや、認証アプリや生体認証が使えなくなったときは、次の画面で作成や設定ができます：
portal-passkey = 生体認証もご利用になれます
portal-passkey-text = 指紋・顔・画面ロックで、偽の画面にだまされにくいログインができます。設定はこちら：

## プロフィール変更
profile-name = 氏名
profile-name-hint = 氏名に間違いがあるときは、組合へご連絡ください。
profile-change-user-id = ユーザIDの変更
profile-change-method = 認証方式の変更
profile-email-none = 登録されていません
profile-email-unproven = 未確認
profile-email-pending = { $address } への変更を受け付けています。届いたメールの中のリンクを開くと、変更が終わります。
profile-email-pending-from = リンクは { $time } から使えます。
profile-method-none = 設定されていません
profile-method-pending = 「{ $method }」への変更を受け付けています。次のログインのときに設定します。
profile-method-pending-from = 設定は { $time } からできます。
new-email = 新しいメールアドレス
change-email-lead = 新しいメールアドレスに、確認のメールを送ります。メールの中のリンクを開くまでは、今のメールアドレスが使われます。
change-user-id-lead = 次回のログインから、新しいユーザIDを使います。
change-method-lead = ログインのときの認証方式を選び直します。次のログインで、今の方法で確認したあとに、新しい方法を設定します。

## ログイン方法変更
methods-password-since = 作成日：{ $time }
methods-password-given = 組合が用意したパスワードです。
methods-change-password = パスワードの更新
methods-second = 二要素認証
methods-add-totp = 認証アプリの設定
methods-add-passkey = 生体認証の設定
methods-delete = { $name } を削除
methods-last = 最後の1つは削除できません。先に、別のデバイスを設定してください。
methods-none = 登録されたデバイスはありません。
methods-codes-since = 作成日：{ $time }
methods-codes-none = まだ作成していません。スマートフォンをなくしたときに役立ちます。
device-since = 登録日
device-last-use = 最後に使った日
device-never-used = まだ使われていません
device-synced = ほかの機器との共有
device-synced-yes = ご自分のほかの機器でも使えます
device-synced-no = この機器だけで使えます
delete-lead = 次のデバイスを、ログインに使えなくします。
delete-totp = 削除すると、このデバイスの認証アプリではログインできません。アプリの中の表示は、ご自分で消してください。
delete-passkey = 削除すると、このデバイスの生体認証ではログインできません。

## マイページ
own-lead = ご登録の内容と、ログインの記録です。心当たりのないものがないか、ときどきご確認ください。
own-activation = 本人確認コード
own-activation-text = 組合からの書面にある本人確認コードを入力すると、メールアドレスや認証方式の変更を待たずに使えます。
own-pending = 手続き中の変更
own-pending-until = 安全のための確認期間：{ $time } まで
own-pending-doubt = 覚えがないときは、届いたメールの「覚えがないとき」のリンクを開いて「手続きを止める」を押すか、組合へご連絡ください。
pending-email = メールアドレスの変更。新しいメールアドレスに届いたメールのリンクを開くと終わります。
pending-method = 認証方式の変更：{ $method }。次のログインのときに設定します。
pending-recovery = パスワードのリセット
own-logins = 最近のログイン
own-logins-doubt = 心当たりのないログインがあるときは、すぐにパスワードを更新し、組合へご連絡ください。
own-sessions = ログイン中の画面
own-session-this = この画面
own-session-other = ほかの画面
own-session-since = ログイン
own-session-used = 最後の操作
own-end-others = ほかの画面をすべてログアウトする
own-no-others = ほかにログインしている画面はありません。
own-devices = 登録したデバイス
own-devices-change = デバイスの設定と削除

## 忘れたとき
forgot-password-lead = ユーザIDを入力してください。登録されているメールアドレスに、パスワードをリセットするためのメールを送ります。
forgot-user-id-lead = 生年月日と、登録したメールアドレスを入力してください。ユーザIDをメールでお知らせします。
forgot-user-id-email-hint = 組合に登録し、確認の終わったメールアドレスです。
forgot-unfinished = 初回ログインが終わっていない方、メールアドレスを登録していない方には、メールを送れません。組合へお電話ください。
see-mail-lead = 入力された内容が登録と合っていれば、登録のメールアドレスにメールを送ります。
see-mail-link = パスワードをリセットするリンクは、送信から5分間使えます。過ぎたときは、もう一度はじめから手続きしてください。
see-mail-spam = 届かないときは、迷惑メールのフォルダーと、受信の設定をご確認ください。
see-mail-none = それでも届かないときは、入力した内容をご確認のうえ、もう一度手続きするか、組合へお電話ください。
recover-lead = 新しいパスワードを決める前に、ご本人であることを確認します。今も使える方法を選んでください。
recover-none = 使える方法がないとき
recover-anew-text = スマートフォンをなくしたり、買い替えたりして、どの方法も使えないときは、認証方式を新しく設定し、パスワードを決めます。
recover-hold = 安全のため、72時間の確認期間があります
recover-hold-until = 確認期間中もサービスはご利用になれます。メールアドレスやログイン方法などの変更は、72時間後からできます。
recover-hold-cancel = この間に、今のパスワードと認証方式でログインがあると、この手続きは取り消されます。
recover-call = 組合の担当者がご本人であることを確認して、お手伝いします。お電話ください。

## ログアウト
logout-lead = ログアウトすると、もう一度ログインするまでサービスを利用できません。

## 終わったログイン、待ち、ロック
timeout-lead = ログインの有効時間が過ぎたか、ほかの画面でログアウトされました。
wait-lead = その時刻になるまでは、正しく入力しても先へ進めません。
wait-goes-on = お待ちの時間が過ぎると、この画面は自動でログイン画面へ進みます。このままお待ちください。
wait-login = ログイン画面へ戻る
locked-lead = 間違えて入力した覚えがないときも、組合へご連絡ください。

## ヘルプ
help-lead = お困りのことを、下からお探しください。解決しないときは、組合へお電話ください。
help-password = ユーザIDやパスワードがわからない
help-password-text = はじめてログインする方は、お手元のご案内をご確認ください。メールアドレスを登録した方は、次の画面から手続きできます。それ以外の方は、組合へお電話ください。
help-code = ワンタイムパスワードが正しくないと表示される
help-code-text = スマートフォンの時刻を自動設定にし、アプリに表示されている新しい数字を入力してください。メールの数字は、いちばん新しいメールのものを入力してください。
help-phone = スマートフォンを変えた、なくした
help-phone-text = ログインの途中で「別の方法」を選ぶと、予備コードや、ほかのデバイスでログインできます。どれもないときは、「パスワードを忘れた方はこちら」から、認証方式を新しく設定できることがあります。できないときは、組合へお電話ください。
help-passkey = 生体認証ができない
help-passkey-text = ブラウザとスマートフォンやパソコンを最新にし、画面ロック（暗証番号・指紋・顔）を設定してから、「再試行してください」を押してください。できないときは「別の方法」を選んでください。
help-mail = メールが届かない
help-mail-text = 迷惑メールのフォルダーと、受信の設定をご確認ください。画面に「再送信」や「メールアドレスを訂正する」があるときは、そこで送り直したり、訂正したりできます。ないときは、組合へお電話ください。
help-locked = ロックされた、待つように表示された
help-locked-text = 表示された時刻を過ぎてから、もう一度お試しください。「アカウントがロックされています」と表示されたときは、組合へお電話ください。
help-doubt = 覚えのないメールが届いた
help-doubt-text = メールの「覚えがないとき」のリンクを開き、「手続きを止める」を押してください。リンクがないときや、押したあとは、組合へお電話ください。

## お断り：1行目は何が起きたか、.do は何をすればよいか
refusal-login-wrong = 無効なユーザ ID またはパスワードです。
    .do = 入力した内容をご確認のうえ、もう一度入力してください。
refusal-re-authentication-wrong = パスワードが違います。
    .do = 今のパスワードを、もう一度入力してください。
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
    .do = { $at ->
        [waits] 「メールをご確認ください」の画面に戻り、「メールアドレスを訂正する」を押して、ご自分だけのメールアドレスを登録してください。
       *[other] ログインし、「プロフィール変更」の「Eメール変更」から、ご自分だけのメールアドレスを登録してください。
    }
refusal-email-unchanged = 今のメールアドレスと同じです。
    .do = 新しいメールアドレスを入力してください。変更しないときは「戻る」を押してください。
refusal-link-dead = このリンクは使えません。期限が過ぎたか、もう使われたか、新しいメールが送られています。
    .do = { $at ->
        [waits] 「メールをご確認ください」の画面に戻り、「更新」を押してください。進まないときは「再送信」を押し、いちばん新しいメールのリンクを開いてください。
        [link-reset] いちばん新しいメールのリンクを開くか、「パスワードを忘れた方はこちら」から、もう一度手続きしてください。
        [link-freeze] すでに手続きを止めた方は、この画面を閉じてください。まだの方は、すぐに組合へお電話ください。
       *[other] すでに確認が終わった方は、この画面を閉じてください。終わっていない方は、ログインし、「プロフィール変更」からもう一度手続きするか、組合へお電話ください。
    }
refusal-link-on-hold = このリンクは、まだ使えません。
    .do = 安全のための確認期間中です。{ $time } を過ぎてから（あと { $span }）、もう一度このリンクを開いてください。
refusal-method-not-offered = { $at ->
        [method] 認証方式が選ばれていません。
        [change-method] この認証方式は選べません。
       *[other] この方法は、今は使えません。
    }
    .do = { $at ->
        [change-method] ほかの認証方式を選んでください。メールの方式には、確認の終わったメールアドレスが必要です。
       *[other] 一覧から1つ選んでください。
    }
refusal-method-unchanged = 今の認証方式と同じです。
    .do = 別の認証方式を選んでください。変更しないときは「戻る」を押してください。
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
refusal-mail-code-wrong = ワンタイムパスワードが正しくありません
    .do = いちばん新しいメールにある6桁の数字を入力してください。
refusal-mail-code-dead = このワンタイムパスワードは、もう使えません。
    .do = 「再送信」を押し、新しいメールの数字を入力してください。
refusal-recovery-code-wrong = 予備コードが正しくないか、すでに使われています。
    .do = 紙のコードをご確認のうえ、まだ使っていないものを入力してください。
refusal-activation-code-wrong = 本人確認コードが正しくないか、期限が過ぎています。
    .do = いちばん新しい書面のコードをご確認ください。わからないときは、組合へお電話ください。
refusal-recovery-on-hold = 安全のための確認期間中は、この変更はできません。
    .do = { $time } を過ぎてから（あと { $span }）、もう一度お試しください。
refusal-device-name-unfit = このデバイス名は使えません。
    .do = 1文字以上40文字以内で入力してください。
refusal-device-name-taken = このデバイス名は、すでに使われています。
    .do = 別の名前を入力してください。
refusal-device-too-many = これ以上、デバイスを登録できません。
    .do = 使わなくなったデバイスを削除してから、もう一度設定してください。
refusal-device-last = 最後の1つは削除できません。
    .do = 先に、別のデバイスを設定してください。
refusal-passkey-cancelled = 確認の画面が閉じられました。
    .do = もう一度行うときは「再試行してください」を押してください。何も変更されていません。
refusal-passkey-known = このデバイスは、すでに登録されています。
    .do = 別のデバイスを使うか、「ログイン方法変更」で登録をご確認ください。
refusal-passkey-unsupported = このブラウザでは、生体認証を使えません。
    .do = ブラウザを最新にするか、別のブラウザやスマートフォンをお使いください。「別の方法」があるときは、それも選べます。
refusal-passkey-expired = 画面を開いてから時間がたちました。
    .do = 「再試行してください」を押して、もう一度確認してください。
refusal-passkey-refused = 確認できませんでした。
    .do = 登録したデバイスで、もう一度お試しください。続くときは「別の方法」を選ぶか、組合へお電話ください。
refusal-guard-wait = 入力の間違いが続いたため、しばらくお待ちいただきます。
    .do = { $time } を過ぎてから（あと { $span }）、もう一度お試しください。
refusal-guard-crowded = ただいまログインが混み合っているため、お待ちいただいています。
    .do = { $time } を過ぎてから（あと { $span }）、もう一度お試しください。お客様の操作に問題はありません。間違いの回数にも数えていません。
refusal-guard-password-locked = パスワードの間違いが続いたため、ロックされています。
    .do = { $time } を過ぎてから（あと { $span }）、もう一度お試しください。お急ぎの方は組合へお電話ください。
refusal-guard-account-locked = 間違いが続いたため、このアカウントはロックされています。
    .do = 組合の担当者だけが解除できます。お電話ください。
refusal-guard-account-disabled = このアカウントは、組合により利用が止められています。
    .do = くわしくは、組合へお電話ください。
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
    .do = この画面は、数秒後に自動でログイン画面へ進みます。このままお待ちください。
problem-try-later = ただいま確認ができません
    .what = こちらの設備の不具合です。お客様の操作に問題はありません。今の操作は受け付けていません。間違いの回数にも数えていません。
    .do = しばらくしてから、もう一度お試しください。続くときは組合へお電話ください。
problem-internal = 不具合が起きました
    .what = こちらの不具合です。お客様の操作に問題はありません。
    .do = しばらくしてから、もう一度お試しください。続くときは組合へお電話ください。
