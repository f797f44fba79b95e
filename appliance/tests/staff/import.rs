//! Importing members: every bad line is told, and the file counts whole or not at all.

use crate::acts::named;
use crate::office::{COST, FakeVault, NOW, Setup, TestDesk};
use sekisho::ports::{Claim, MemberRows};
use sekisho::records::{VerifierInput, open_credentials, open_profile, verifier_input};
use sekisho::staff::StaffError;
use sekisho::staff::import::{self, Encoding, birth_date};
use sekisho_core::account::{Credentials, Profile, Verifier};
use sekisho_core::id::{BlindIndex, Generation, MemberId};
use sekisho_core::tenant::Preset;
use sekisho_core::time::Timestamp;
use sekisho_core::user_id::UserId;
use std::sync::atomic::Ordering;

const HEAD: &str = "symbol,number,birth_date,name\n";
const TARO: &str = "12,3456789,1980-12-01,健保太郎\n";

struct Member {
    id: MemberId,
    credentials: Credentials,
    profile: Profile,
}

impl Setup {
    fn import(&self, desk: &TestDesk, encoding: Encoding, dry_run: bool) -> Result<(), StaffError> {
        import::run(&self.office, self.society(), encoding, dry_run, desk)
    }

    #[track_caller]
    fn imports(&self, file: &str) {
        let desk = TestDesk::new(file);
        assert!(self.import(&desk, Encoding::Utf8, false).is_ok(), "{}", desk.said());
    }

    /// What is said about a file that is refused, of which nothing may have been written.
    #[track_caller]
    fn refuses(&self, file: impl AsRef<[u8]>) -> String {
        let before = self.store.kumo(|rows| (rows.members.len(), rows.imports));
        let desk = TestDesk::new(file);
        let error = self.import(&desk, Encoding::Utf8, false).unwrap_err();
        assert_eq!(self.store.kumo(|rows| (rows.members.len(), rows.imports)), before, "nothing was written");
        format!("{}\n{error}", desk.said())
    }

    /// The member with this user ID, opened.
    fn member(&self, user_id: &str) -> Option<Member> {
        let index = sekisho::records::index_user_id(self.society().keys(self.world()).unwrap(), &UserId::typed(user_id));
        let found = self.world().store.load(&self.society().name, sekisho::ports::Key::UserId(index)).unwrap().member;
        found.map(|rows| self.opened(&rows))
    }

    fn opened(&self, rows: &MemberRows) -> Member {
        let (vault, name) = (self.world().vault.as_ref(), &self.society().name);
        let credentials = open_credentials(vault, name, rows.id, &rows.credentials).unwrap();
        Member { id: rows.id, credentials, profile: open_profile(vault, name, rows.id, &rows.profile).unwrap() }
    }

    fn visible(&self) -> usize {
        self.store.kumo(|rows| rows.members.values().filter(|kept| kept.import.is_none()).count())
    }

    fn mac(&self, member: MemberId, input: &VerifierInput) -> [u8; 32] {
        FakeVault::mac(&verifier_input(self.society().keys(self.world()).unwrap(), member, Generation(1), input))
    }
}

fn shift_jis(text: &str) -> Vec<u8> {
    let (bytes, _, lost) = encoding_rs::SHIFT_JIS.encode(text);
    assert!(!lost);
    bytes.into_owned()
}

#[test]
fn a_member_gets_card_profile_id_and_the_password_by_the_rule() {
    let setup = Setup::with_society(Preset::Guarded);
    setup.imports(&format!("{HEAD}{TARO}"));
    let member = setup.member("12-3456789").unwrap();
    assert_eq!(member.profile.name, "健保太郎");
    assert_eq!((member.profile.symbol.as_str(), member.profile.number.as_str(), member.profile.branch.as_str()), ("12", "3456789", "00"));
    assert_eq!(member.profile.birth.digits(), "19801201");
    assert!(member.credentials.email.is_none() && member.credentials.factors.is_empty() && member.credentials.method.is_none());
    assert_eq!(member.credentials.generation, Generation(1));
    let Verifier::Rule { mac, pepper, generation, .. } = member.credentials.password else { panic!("a rule password") };
    assert_eq!((pepper, generation), (7, Generation(1)));
    assert_eq!(mac, setup.mac(member.id, &VerifierInput::Rule { password: b"12345678919801201" }));
}

#[test]
fn the_rule_password_counts_from_the_import_under_every_preset() {
    let since = |preset| {
        let setup = Setup::with_society(preset);
        setup.imports(&format!("{HEAD}{TARO}"));
        match setup.member("12-3456789").unwrap().credentials.password {
            Verifier::Rule { since, .. } => Some(since),
            Verifier::None => None,
            _ => panic!("neither"),
        }
    };
    assert_eq!(
        [Preset::Manual, Preset::Guarded, Preset::Hardened].map(since),
        [Some(NOW); 3],
        "under hardened it opens the page that asks for the code"
    );
}

#[test]
fn a_given_first_password_is_issued_for_thirty_days_under_every_preset() {
    for preset in [Preset::Manual, Preset::Guarded, Preset::Hardened] {
        let setup = Setup::with_society(preset);
        setup.imports("symbol,number,birth_date,name,first_password,no_rule_password\n12,3,1980-12-01,太郎,Ａｂ－12345,1\n");
        let member = setup.member("12-3").unwrap();
        let Verifier::Issued { hash, expires } = member.credentials.password else { panic!("an issued password") };
        assert_eq!(expires, Timestamp(NOW.0 + 30 * 24 * 3600));
        assert_eq!((hash.cost, hash.pepper, hash.generation), (COST, 7, Generation(1)));
        let society = named("kumo");
        let claim = Claim { society: &society, known: false };
        let argon2 = setup.world().hasher.hash(claim, b"Ab-12345", &hash.salt, COST).unwrap();
        assert_eq!(hash.mac, setup.mac(member.id, &VerifierInput::Hashed { argon2: argon2.expose(), cost: COST }), "folded, peppered");
    }
}

#[test]
fn a_member_without_rule_password_gets_none_and_the_operator_is_told() {
    let setup = Setup::with_society(Preset::Guarded);
    let desk = TestDesk::new("symbol,number,birth_date,name,no_rule_password\n12,3,1980-12-01,太郎,1\n12,4,1980-12-01,花子,\n");
    setup.import(&desk, Encoding::Utf8, false).unwrap();
    assert!(setup.member("12-3").unwrap().credentials.password == Verifier::None);
    assert!(matches!(setup.member("12-4").unwrap().credentials.password, Verifier::Rule { .. }));
    assert!(desk.said().contains("1 of them get no first password"), "{}", desk.said());
}

#[test]
fn an_address_of_the_file_is_not_proven() {
    let setup = Setup::with_society(Preset::Guarded);
    setup.imports("symbol,number,birth_date,name,email\n12,3,1980-12-01,太郎,a..b@docomo.ne.jp\n");
    let email = setup.member("12-3").unwrap().credentials.email.unwrap();
    assert_eq!((email.address.text().as_str(), email.proven), ("a..b@docomo.ne.jp", false));
}

#[test]
fn a_family_shares_symbol_and_number_and_ids_follow() {
    let setup = Setup::with_society(Preset::Guarded);
    setup.imports(
        "symbol,number,branch,birth_date,name,user_id\n１２,345 6789,,1980-12-01,太郎,\n12,3456789,1,1982-01-02,花子,\n\
         12,3456789,02,2010-03-04,次郎,Ｊｉｒｏ.12\n",
    );
    assert_eq!(setup.member("12-3456789").unwrap().profile.name, "太郎");
    assert_eq!(setup.member("12-3456789-01").unwrap().profile.name, "花子");
    assert_eq!(setup.member("JIRO.12").unwrap().profile.name, "次郎");
}

#[test]
fn the_same_file_reads_alike_in_every_encoding_and_language() {
    let english = "symbol,number,branch,birth_date,name,email,user_id,first_password\n";
    let japanese = "記号,番号,枝番,生年月日,氏名,メール,ユーザID,初回パスワード\n";
    let lines = "12,3,00,昭和55年12月1日,髙橋﨑子,taka@example.test,takasaki1,\n";
    let bom = format!("\u{feff}{japanese}{lines}");
    let files = [
        (format!("{english}{lines}").into_bytes(), Encoding::Utf8),
        (format!("{japanese}{lines}").into_bytes(), Encoding::Utf8),
        (bom.into_bytes(), Encoding::Utf8),
        (format!("{japanese}{lines}").replace('\n', "\r\n").into_bytes(), Encoding::Utf8),
        (shift_jis(&format!("{japanese}{lines}")), Encoding::ShiftJis),
    ];
    for (file, encoding) in files {
        assert_eq!(Encoding::detect(file.as_slice()).unwrap(), encoding);
        let setup = Setup::with_society(Preset::Guarded);
        let desk = TestDesk::new(file);
        setup.import(&desk, encoding, false).unwrap();
        let member = setup.member("takasaki1").unwrap();
        assert_eq!(member.profile.name, "髙橋﨑子");
        assert_eq!(member.profile.birth.digits(), "19801201");
        assert!(desk.said().contains(&format!("read as {}", encoding.name())), "{}", desk.said());
    }
}

#[test]
fn the_encoding_is_found_in_large_files_and_in_cut_ones() {
    let long = format!("{HEAD}{}", TARO.repeat(10_000));
    assert_eq!(Encoding::detect(long.as_bytes()).unwrap(), Encoding::Utf8);
    assert_eq!(Encoding::detect(shift_jis(&long).as_slice()).unwrap(), Encoding::ShiftJis);
    assert_eq!(Encoding::detect(&long.as_bytes()[..long.len() - 2]).unwrap(), Encoding::Utf8, "a cut character");
    assert_eq!(Encoding::detect(&b""[..]).unwrap(), Encoding::Utf8);
}

#[test]
fn dates_in_every_form_that_files_have() {
    for text in [
        "1980-12-01",
        "19801201",
        "1980/12/1",
        "1980.12.01",
        "１９８０年１２月１日",
        "昭和55年12月1日",
        "昭和55/12/1",
        "S55.12.1",
        "昭55.12.01",
        "s551201",
        " 1980-12-01 ",
    ] {
        assert_eq!(birth_date(text).map(|date| date.digits()).as_deref(), Some("19801201"), "{text}");
    }
    assert_eq!(birth_date("令和元年5月1日").unwrap().digits(), "20190501");
    assert_eq!(birth_date("T15.12.24").unwrap().digits(), "19261224");
    for text in [
        "",
        "1980-02-30",
        "1980-13-01",
        "80-12-01",
        "1980-12",
        "1980-12-01-01",
        "19801301",
        "1980120",
        "昭和99年1月1日",
        "12/01/1980",
        "abc",
        "S5512",
        "=DATE(1980,12,1)",
        "1980-1-1 0:00",
        "明治45年1月1日",
        "-1980-12-01",
    ] {
        assert!(birth_date(text).is_none(), "{text}");
    }
}

#[test]
fn every_bad_line_is_told_with_its_number_and_reasons_and_nothing_is_written() {
    let setup = Setup::with_society(Preset::Guarded);
    let said = setup.refuses(
        "symbol,number,branch,birth_date,name,email,user_id,first_password,no_rule_password\n\
         12,1,00,1980-12-01,太郎,,,,\n\
         ,x,123,1980-02-30,,nobody,a b,short,maybe\n\
         12,2,00,2026-11-23,未来,,,,\n\
         12,3,00,1980-12-01,\"二\n行\",,,,\n",
    );
    let line_3 = said.lines().find(|line| line.starts_with("line 3: ")).unwrap();
    for field in ["symbol: ", "birth_date: ", "name: ", "email: ", "user_id: ", "first_password: ", "no_rule_password: "] {
        assert!(line_3.contains(field), "{field} in {line_3}");
    }
    assert!(said.contains("line 4: birth_date: no such day up to today"), "{said}");
    assert!(said.contains("line 5: name: "), "{said}");
    assert!(said.contains("3 of 4 lines are bad; nothing was written"), "{said}");
    for secret in ["nobody", "short", "未来", "a b"] {
        assert!(!said.contains(secret), "reasons quote nothing: {said}");
    }
}

#[test]
fn today_is_the_last_birth_date_and_today_is_japans() {
    let setup = Setup::with_society(Preset::Guarded);
    setup.imports(&format!("{HEAD}12,3,2026-11-22,新生児\n"));
    assert!(setup.member("12-3").is_some());
}

#[test]
fn a_bad_last_line_behind_many_good_ones_writes_nothing() {
    let setup = Setup::with_society(Preset::Guarded);
    let mut file = HEAD.to_owned();
    (1..=1200).for_each(|number| file.push_str(&format!("12,{number},1980-12-01,太郎\n")));
    file.push_str("12,1201,1980-12-01\n");
    let said = setup.refuses(&file);
    assert!(said.contains("line 1202: 3 fields where the first line names 4; is the file cut"), "{said}");
    assert_eq!(setup.visible(), 0);
}

#[test]
fn many_members_come_in_whole_batches_and_the_rest() {
    let setup = Setup::with_society(Preset::Guarded);
    let mut file = HEAD.to_owned();
    (1..=1201).for_each(|number| file.push_str(&format!("12,{number},1980-12-01,太郎\n")));
    setup.imports(&file);
    assert_eq!(setup.visible(), 1201);
    for number in [1, 500, 501, 1200, 1201] {
        assert_eq!(setup.member(&format!("12-{number}")).unwrap().profile.number, number.to_string());
    }
    let rows = setup.store.kumo(|rows| rows.audit.clone());
    let imported: Vec<_> = rows.iter().filter(|row| row.event == "staff.imported").collect();
    assert_eq!(imported.len(), 1);
    assert_eq!((imported[0].staff, imported[0].at), (Some(1042), NOW));
}

#[test]
fn duplicates_in_the_file_are_told_with_both_lines() {
    let setup = Setup::with_society(Preset::Guarded);
    let said = setup.refuses(
        "symbol,number,branch,birth_date,name,user_id\n12,3,,1980-12-01,太郎,taro1\n１２,3,00,1980-12-01,太郎,taro2\n12,4,,1980-12-01,花子,TARO1\n",
    );
    assert!(said.contains("line 3: symbol, number and branch stand in line 2, too"), "{said}");
    assert!(said.contains("line 4: the user ID stands in line 2, too"), "{said}");
}

#[test]
fn those_who_are_registered_already_are_told_and_nothing_changes() {
    let setup = Setup::with_society(Preset::Guarded);
    setup.imports(&format!("{HEAD}{TARO}"));
    let said = setup.refuses(format!("{HEAD}12,99,1980-12-01,新人\n{TARO}"));
    assert!(said.contains("line 3: this member is registered already"), "{said}");
    let said = setup.refuses("symbol,number,birth_date,name,user_id\n12,98,1980-12-01,新人,12-3456789\n");
    assert!(said.contains("line 2: the user ID belongs to another member already"), "{said}");
    assert_eq!(setup.visible(), 1);
}

#[test]
fn the_head_line_has_to_name_known_columns_once() {
    let setup = Setup::with_society(Preset::Guarded);
    let said = setup.refuses("記号,番号,生年月日,氏名,氏名,パスワド\n12,3,1980-12-01,a,b,c\n");
    assert!(said.contains("column 5 (氏名) is there twice") && said.contains("column 6 (パスワド) is not known"), "{said}");
    assert!(said.contains("初回パスワード"), "all names are told: {said}");
    let said = setup.refuses(TARO);
    assert!(said.contains("the column symbol / 記号 is missing") && said.contains("the column name / 氏名 is missing"), "{said}");
    assert!(setup.refuses("").contains("the file is empty"));
}

#[test]
fn a_file_read_in_the_wrong_encoding_or_cut_in_a_character_is_refused() {
    let setup = Setup::with_society(Preset::Guarded);
    let said = setup.refuses([HEAD.as_bytes(), &shift_jis(TARO)].concat());
    assert!(said.contains("line 2: name: "), "{said}");
    let cut = format!("{HEAD}{TARO}");
    let said = setup.refuses(&cut.as_bytes()[..cut.len() - 2]);
    assert!(said.contains("line 2: name: "), "{said}");
}

#[test]
fn formulas_are_text() {
    let setup = Setup::with_society(Preset::Guarded);
    setup.imports(&format!("{HEAD}12,3,1980-12-01,\"=HYPERLINK(\"\"https://x.test\"\",\"\"a\"\")\"\n"));
    assert_eq!(setup.member("12-3").unwrap().profile.name, "=HYPERLINK(\"https://x.test\",\"a\")");
    assert!(setup.refuses(format!("{HEAD}=1+1,4,1980-12-01,太郎\n")).contains("line 2: symbol: "));
}

#[test]
fn a_dry_run_checks_and_writes_nothing() {
    let setup = Setup::with_society(Preset::Guarded);
    let desk = TestDesk::new(format!("{HEAD}{TARO}"));
    setup.import(&desk, Encoding::Utf8, true).unwrap();
    assert!(desk.said().contains("checked: 1 members") && desk.said().contains("dry run"), "{}", desk.said());
    assert_eq!(setup.store.kumo(|rows| (rows.members.len(), rows.imports)), (0, 0));
}

#[test]
fn a_file_that_changes_between_the_passes_counts_for_nothing() {
    for second in [format!("{HEAD}12,3456789,1980-12-01,健保次郎\n"), format!("{HEAD}{TARO}12,4,1980-12-01,花子\n"), HEAD.to_owned()]
    {
        let setup = Setup::with_society(Preset::Guarded);
        let desk = TestDesk::new(format!("{HEAD}{TARO}")).changing_to(&second);
        let error = setup.import(&desk, Encoding::Utf8, false).unwrap_err().to_string();
        assert!(error.contains("the file changed while it was read"), "{error}");
        assert_eq!(setup.store.kumo(|rows| rows.members.len()), 0);
    }
}

#[test]
fn a_disk_that_fills_up_in_the_middle_leaves_nobody_behind() {
    let setup = Setup::with_society(Preset::Guarded);
    setup.store.kumo(|rows| rows.fails_at = Some(2));
    let mut file = HEAD.to_owned();
    (1..=800).for_each(|number| file.push_str(&format!("12,{number},1980-12-01,太郎\n")));
    let error = setup.import(&TestDesk::new(&file), Encoding::Utf8, false).unwrap_err().to_string();
    assert!(error.contains("no space left on device"), "{error}");
    assert_eq!(setup.store.kumo(|rows| (rows.members.len(), rows.imports)), (0, 2));
}

#[test]
fn what_an_unfinished_import_left_is_removed_before_the_next() {
    let setup = Setup::with_society(Preset::Guarded);
    setup.imports(&format!("{HEAD}{TARO}"));
    setup.store.kumo(|rows| {
        let kept = rows.members.values_mut().next().unwrap();
        (kept.import, kept.card, kept.user_id) = (Some(1), BlindIndex([1; 16]), BlindIndex([2; 16]));
    });
    let desk = TestDesk::new(format!("{HEAD}{TARO}"));
    setup.import(&desk, Encoding::Utf8, false).unwrap();
    assert!(desk.said().contains("removed 1 members of an import that was never finished"), "{}", desk.said());
    assert_eq!(setup.store.kumo(|rows| rows.members.len()), 1);
}

#[test]
fn a_busy_token_is_asked_again_and_a_stopping_server_writes_nothing() {
    let setup = Setup::with_society(Preset::Guarded);
    setup.vault.busy.store(1, Ordering::SeqCst);
    setup.imports(&format!("{HEAD}{TARO}"));
    assert_eq!(setup.visible(), 1);
    setup.office.stop.set();
    assert!(setup.refuses(format!("{HEAD}12,4,1980-12-01,花子\n")).contains("the server stops"));
}

#[test]
fn members_of_a_society_without_a_file_are_refused() {
    let setup = Setup::new(Preset::Guarded);
    assert!(setup.refuses(format!("{HEAD}{TARO}")).contains("sekisho society add"));
}
