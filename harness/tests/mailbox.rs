//! The product's mailer against the harness's mailbox: real SMTP on loopback, with and without TLS.

#[cfg(test)]
mod mailbox {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    use rustls::ServerConfig;
    use rustls::pki_types::PrivatePkcs8KeyDer;
    use sekisho::mail::smtp::{Relay, SmtpMailer, Tls};
    use sekisho::ports::{MailError, Mailer, Outgoing};
    use sekisho::society::{Society, Terms};
    use sekisho_core::email::EmailAddress;
    use sekisho_core::id::SocietyName;
    use sekisho_core::letter::Language;
    use sekisho_core::secret::Secret;
    use sekisho_core::shown::Face;
    use sekisho_core::tenant::{FirstLoginItem, Method, Offer, Preset, TenantPolicy, UserIdChange};
    use sekisho_core::time::Timestamp;
    use sekisho_harness::mailbox::{CollectingMailer, Mail, MailFault, Mailbox, Protection};
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::sync::Arc;
    use std::time::Duration;

    /// 2026-11-21 22:00:00 in Japan.
    const NOW: Timestamp = Timestamp(1_795_266_000);
    const SUBJECT: &str = "【見本健康保険組合】メールアドレスの確認";
    const FREE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

    fn society_called(name_ja: &str) -> Society {
        let policy = TenantPolicy {
            preset: Preset::Guarded,
            methods: vec![Offer { method: Method::Totp, recommended: true }],
            first_login: vec![FirstLoginItem::Method, FirstLoginItem::NewPassword],
            wait_for_email: false,
            share_email: false,
            user_id_change: UserIdChange::Never,
            terms_version: "1".to_owned(),
            user_id: Default::default(),
            password: Default::default(),
            limits: Default::default(),
            lifetimes: Default::default(),
        };
        let face = Face {
            name_ja: name_ja.to_owned(),
            name_en: "Sample Health Society".to_owned(),
            phone: String::new(),
            hours_ja: String::new(),
            hours_en: String::new(),
            services: Vec::new(),
        };
        let name = SocietyName::try_from("sample".to_owned()).unwrap();
        let terms = Terms { ja: String::new(), en: String::new(), hash: [0; 32] };
        let from = "noreply@sample.example.test".to_owned();
        Society::new(name, "sample.example.test".to_owned(), "https://sample.example.test".to_owned(), policy, face, terms, from)
    }

    fn body() -> String {
        let token = "A-_9".repeat(21) + "zz";
        format!("次のリンクを開いてください。\n\nhttps://sample.example.test/link/email?t={token}\n\n.\n..点で始まる行\nおわり\n")
    }

    fn send_as(mailer: &dyn Mailer, society: &Society, to: &str, subject: &str) -> Result<(), MailError> {
        let to = EmailAddress::typed(to).unwrap();
        mailer.send(&Outgoing {
            society,
            to: &to,
            language: Language::Ja,
            date: NOW,
            subject: subject.to_owned(),
            body: Secret::new(body()),
            message_id: "<0000000000000005.sample@sample.example.test>".to_owned(),
        })
    }

    fn send(mailer: &dyn Mailer, to: &str) -> Result<(), MailError> {
        send_as(mailer, &society_called("見本健康保険組合"), to, SUBJECT)
    }

    fn relay(address: SocketAddr, tls: Tls) -> Relay {
        let host = address.ip().to_string();
        Relay { host, port: address.port(), tls, ca_file: None, user: None, password_file: None, timeout_seconds: 10 }
    }

    fn plain() -> (Mailbox, SmtpMailer) {
        let mailbox = Mailbox::start(FREE, None).unwrap();
        let mailer = SmtpMailer::new(&relay(mailbox.smtp_addr(), Tls::LoopbackPlain)).unwrap();
        (mailbox, mailer)
    }

    #[test]
    fn addresses_as_carriers_give_them_are_delivered() {
        let (mailbox, mailer) = plain();
        let long = format!("{}@mail.test", "x".repeat(64));
        let addresses = [
            "taro@mail.test",
            "a..b@docomo.ne.jp",
            "a.@ezweb.ne.jp",
            ".a@docomo.ne.jp",
            "a...b..@docomo.ne.jp",
            "-taro_1+tag@mail.test",
            "o'hara/x=y@sub.mail.test",
            &long,
        ];
        for address in addresses {
            assert!(send(&mailer, address).is_ok(), "{address}");
        }
        let arrived: Vec<String> = mailbox.mails().into_iter().map(|mail| mail.to).collect();
        assert_eq!(arrived, addresses);
        let quoted = &mailbox.mails()[1].raw;
        assert!(quoted.contains("To: \"a..b\"@docomo.ne.jp\r\n"), "{quoted}");
    }

    #[test]
    fn a_letter_arrives_as_it_was_written() {
        let (mailbox, mailer) = plain();
        send(&mailer, "taro@mail.test").unwrap();
        let mail = &mailbox.mails()[0];
        assert_eq!((mail.subject.as_str(), mail.from.as_str()), (SUBJECT, "noreply@sample.example.test"));
        assert_eq!(mail.text.trim_end(), body().trim_end());
        assert_eq!(mail.link(), body().lines().find(|line| line.starts_with("https://")));
        assert_eq!(mail.message_id, "0000000000000005.sample@sample.example.test");
        let header = mail.raw.split("\r\n\r\n").next().unwrap();
        assert!(header.contains("Auto-Submitted: auto-generated"), "{header}");
        assert!(header.contains("Date: Sat, 21 Nov 2026 13:00:00 +0000"), "{header}");
        assert!(header.contains("Content-Type: text/plain; charset=utf-8"), "{header}");
        let parsed = mail_parser::MessageParser::default().parse(mail.raw.as_bytes()).unwrap();
        assert_eq!(parsed.from().unwrap().first().unwrap().name(), Some("見本健康保険組合"));
    }

    #[test]
    fn no_configured_name_and_no_subject_can_begin_a_header() {
        for name in [
            "x\r\nBcc: all@mail.test",
            "x\nBcc: all@mail.test",
            "x\rBcc: all@mail.test",
            "組合\r\n\r\nBcc: all@mail.test",
            "a\" <b@c>, \"d",
        ] {
            let (mailbox, mailer) = plain();
            send_as(&mailer, &society_called(name), "taro@mail.test", &format!("件名{name}")).unwrap();
            let mails = mailbox.mails();
            assert_eq!(mails.len(), 1, "{name:?}");
            let parsed = mail_parser::MessageParser::default().parse(mails[0].raw.as_bytes()).unwrap();
            assert!(parsed.bcc().is_none() && parsed.headers().iter().all(|header| header.name() != "Bcc"), "{}", mails[0].raw);
            assert_eq!(parsed.from().unwrap().iter().count(), 1);
            assert_eq!(mails[0].text.trim_end(), body().trim_end(), "and the body begins where it should");
        }
    }

    #[test]
    fn a_relay_that_offers_no_tls_gets_no_letter() {
        let mailbox = Mailbox::start(FREE, None).unwrap();
        for tls in [Tls::Required, Tls::Implicit] {
            let mailer = SmtpMailer::new(&Relay { timeout_seconds: 1, ..relay(mailbox.smtp_addr(), tls) }).unwrap();
            assert!(matches!(send(&mailer, "taro@mail.test"), Err(MailError::Later(_))), "{tls:?}");
        }
        assert!(mailbox.mails().is_empty());
    }

    #[test]
    fn over_tls_a_relay_is_believed_only_with_the_certificate_of_the_configured_authority() {
        let files = tempfile::tempdir().unwrap();
        let ours = Authority::new();
        let (ca_file, other_file) = (files.path().join("ours.pem"), files.path().join("other.pem"));
        std::fs::write(&ca_file, &ours.pem).unwrap();
        std::fs::write(&other_file, Authority::new().pem).unwrap();

        for (protection, tls) in [
            (Protection::StartTls(ours.config("127.0.0.1")), Tls::Required),
            (Protection::Implicit(ours.config("127.0.0.1")), Tls::Implicit),
        ] {
            let mailbox = Mailbox::start_with(FREE, None, protection).unwrap();
            let relay = relay(mailbox.smtp_addr(), tls);
            let trusting = SmtpMailer::new(&Relay { ca_file: Some(ca_file.clone()), ..relay.clone() }).unwrap();
            assert!(send(&trusting, "a..b@docomo.ne.jp").is_ok(), "{tls:?}");
            assert_eq!(mailbox.mails().len(), 1);
            for ca_file in [Some(other_file.clone()), None] {
                let wary = SmtpMailer::new(&Relay { ca_file, ..relay.clone() }).unwrap();
                assert!(matches!(send(&wary, "taro@mail.test"), Err(MailError::Later(_))));
            }
            assert_eq!(mailbox.mails().len(), 1, "nothing was said to a stranger");
        }

        let mailbox = Mailbox::start_with(FREE, None, Protection::StartTls(ours.config("relay.example.test"))).unwrap();
        let mailer = SmtpMailer::new(&Relay { ca_file: Some(ca_file), ..relay(mailbox.smtp_addr(), Tls::Required) }).unwrap();
        assert!(matches!(send(&mailer, "taro@mail.test"), Err(MailError::Later(_))), "a certificate for another name");
        assert!(mailbox.mails().is_empty());
    }

    #[test]
    fn a_relays_answer_is_later_or_never_and_its_words_are_not_repeated() {
        let (mailbox, mailer) = plain();
        for (code, never) in
            [(421, false), (450, false), (451, false), (452, false), (530, false), (535, false), (550, true), (553, true), (554, false)]
        {
            mailbox.refuse_next(1, code);
            let error = send(&mailer, "taro@mail.test").unwrap_err();
            assert_eq!(matches!(error, MailError::Never(_)), never, "{code}");
            assert!(error.to_string().contains(&code.to_string()), "{error}");
            assert!(!error.to_string().contains("taro") && !error.to_string().contains("mail.test"), "{error}");
        }
        assert!(mailbox.mails().is_empty());
        assert!(send(&mailer, "taro@mail.test").is_ok(), "and the next letter goes");
    }

    #[test]
    fn a_relay_that_is_not_there_is_asked_again_later() {
        let nobody = TcpListener::bind(FREE).unwrap().local_addr().unwrap();
        let mailer = SmtpMailer::new(&relay(nobody, Tls::LoopbackPlain)).unwrap();
        assert!(matches!(send(&mailer, "taro@mail.test"), Err(MailError::Later(_))));
    }

    #[test]
    fn the_page_shows_the_newest_mail_first_with_its_link_and_nothing_unescaped() {
        let mailbox = Mailbox::start(FREE, Some(FREE)).unwrap();
        let mailer = SmtpMailer::new(&relay(mailbox.smtp_addr(), Tls::LoopbackPlain)).unwrap();
        send_as(&mailer, &society_called("a"), "old@mail.test", "old").unwrap();
        send_as(&mailer, &society_called("a"), "new@mail.test", "<script>\"&'").unwrap();
        let page = get(mailbox.page_addr().unwrap(), "/");
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert!(page.find("new@mail.test").unwrap() < page.find("old@mail.test").unwrap());
        assert!(page.contains("&lt;script&gt;&quot;&amp;&#39;") && !page.contains("<script"), "{page}");
        assert!(page.contains("<a href=\"https://sample.example.test/link/email?t="), "{page}");
        assert!(page.contains("http-equiv=\"refresh\"") && page.contains("width=device-width"));
        assert!(get(mailbox.page_addr().unwrap(), "/other").starts_with("HTTP/1.1 404"));
    }

    #[test]
    fn the_mails_as_json_are_what_the_library_gives_but_for_the_raw_form() {
        let mailbox = Mailbox::start(FREE, Some(FREE)).unwrap();
        let mailer = SmtpMailer::new(&relay(mailbox.smtp_addr(), Tls::LoopbackPlain)).unwrap();
        send(&mailer, "a..b@docomo.ne.jp").unwrap();
        let answer = get(mailbox.page_addr().unwrap(), "/mails.json");
        let (head, json) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("application/json"), "{head}");
        let mails: Vec<Mail> = serde_json::from_str(json).unwrap();
        let kept: Vec<Mail> = mailbox.mails().into_iter().map(|mail| Mail { raw: String::new(), ..mail }).collect();
        assert_eq!(mails, kept);
        assert_eq!(mails[0].to, "a..b@docomo.ne.jp");
    }

    #[test]
    fn the_mailbox_stays_on_this_machine() {
        let everywhere: SocketAddr = "0.0.0.0:0".parse().unwrap();
        assert!(Mailbox::start(everywhere, None).is_err());
        assert!(Mailbox::start(FREE, Some(everywhere)).is_err());
    }

    #[test]
    fn a_mailbox_gives_its_ports_back() {
        let mailbox = Mailbox::start(FREE, Some(FREE)).unwrap();
        let (smtp, page) = (mailbox.smtp_addr(), mailbox.page_addr().unwrap());
        drop(mailbox);
        assert!(TcpStream::connect(smtp).is_err() && TcpStream::connect(page).is_err());
    }

    #[test]
    fn a_simulations_mailer_gives_the_same_mail_as_the_wire() {
        let (mailbox, mailer) = plain();
        let collecting = CollectingMailer::default();
        send(&mailer, "a..b@docomo.ne.jp").unwrap();
        send(&collecting, "a..b@docomo.ne.jp").unwrap();
        let (wire, simulated) = (mailbox.mails()[0].clone(), collecting.mails()[0].clone());
        assert_eq!(simulated.received, NOW.0, "by the clock of the simulation");
        assert_eq!(wire.link(), simulated.link());
        let simulated = Mail { received: wire.received, raw: wire.raw.clone(), ..simulated };
        assert_eq!(wire, simulated);
    }

    #[test]
    fn a_simulations_mailer_fails_as_it_is_told() {
        let mailer = CollectingMailer::default();
        let count = || mailer.mails().len();
        mailer.fail_next(2, MailFault::Later);
        mailer.fail_next(1, MailFault::Never);
        for never in [false, false, true] {
            assert_eq!(matches!(send(&mailer, "a@mail.test"), Err(MailError::Never(_))), never);
        }
        assert_eq!(count(), 0);
        mailer.fail_next(1, MailFault::Duplicate);
        assert!(send(&mailer, "a@mail.test").is_ok());
        assert_eq!(count(), 2);
        mailer.fail_next(2, MailFault::Delay);
        assert!(send(&mailer, "first@mail.test").is_ok() && send(&mailer, "second@mail.test").is_ok());
        assert_eq!(count(), 2);
        assert_eq!(mailer.deliver_delayed(), 2);
        assert_eq!(mailer.mails()[2].to, "second@mail.test", "out of order");
        mailer.fail_next(1, MailFault::DeliverAndFail);
        assert!(send(&mailer, "a@mail.test").is_err());
        assert_eq!(count(), 5);
    }

    /// A certificate authority of a test's own.
    struct Authority {
        issuer: CertifiedIssuer<'static, KeyPair>,
        pem: String,
    }

    impl Authority {
        fn new() -> Self {
            let mut params = CertificateParams::new(Vec::new()).unwrap();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
            let pem = issuer.pem();
            Self { issuer, pem }
        }

        fn config(&self, name: &str) -> Arc<ServerConfig> {
            let key = KeyPair::generate().unwrap();
            let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
            let key = PrivatePkcs8KeyDer::from(key.serialize_der()).into();
            let provider = Arc::new(rustls::crypto::ring::default_provider());
            let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
            Arc::new(builder.with_no_client_auth().with_single_cert(vec![certificate.der().clone()], key).unwrap())
        }
    }

    fn get(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}
