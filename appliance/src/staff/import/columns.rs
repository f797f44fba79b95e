//! The head line: which column stands where, by English or Japanese names.

use csv::StringRecord;
use sekisho_core::fold::fold;

macro_rules! columns {
    ($($(#[$doc:meta])* $field:ident: $($name:literal)|+),* $(,)?) => {
        /// The place of each column; `None` for one that the file does not have.
        #[derive(Debug, Default)]
        pub struct Columns {
            $($(#[$doc])* $field: Option<usize>,)*
            count: usize,
        }

        /// One line of the file by column; empty where the file has no such column.
        #[derive(Clone, Copy)]
        pub struct Fields<'a> {
            $($(#[$doc])* pub $field: &'a str,)*
        }

        impl Columns {
            fn place(&mut self, name: &str) -> Option<&mut Option<usize>> {
                $(if [$($name),+].iter().any(|known| folded(known) == name) { return Some(&mut self.$field); })*
                None
            }

            fn names() -> String {
                [$([$($name),+].join(" / ")),*].join(", ")
            }

            /// The fields of `record`.
            pub fn fields<'a>(&self, record: &'a StringRecord) -> Fields<'a> {
                let field = |place: Option<usize>| place.and_then(|place| record.get(place)).unwrap_or_default();
                Fields { $($field: field(self.$field)),* }
            }
        }
    };
}

columns! {
    /// Card symbol.
    symbol: "symbol" | "記号" | "保険証記号" | "被保険者証記号",
    /// Card number.
    number: "number" | "番号" | "保険証番号" | "被保険者証番号",
    /// Branch number; `00` without it.
    branch: "branch" | "枝番" | "枝番号",
    /// Birth date.
    birth_date: "birth_date" | "生年月日",
    /// Name.
    name: "name" | "氏名" | "漢字氏名",
    /// E-mail address on file, not proven.
    email: "email" | "e-mail" | "mail" | "メール" | "メールアドレス" | "Eメール",
    /// User ID; made from the card without it.
    user_id: "user_id" | "id" | "ユーザID" | "ユーザーID",
    /// A first password that the society has given.
    first_password: "first_password" | "初回パスワード" | "仮パスワード",
    /// Set for a member whose first password is not the one by the rule.
    no_rule_password: "no_rule_password" | "規則パスワード不可",
}

impl Columns {
    /// Reads the head line. The error names every column that is missing, unknown or there twice: a misspelt one is never passed over.
    pub fn read(head: &StringRecord) -> Result<Self, String> {
        let mut columns = Self { count: head.len(), ..Self::default() };
        let mut wrong = Vec::new();
        for (at, name) in head.iter().enumerate() {
            match columns.place(&folded(name)) {
                Some(Some(_)) => wrong.push(format!("column {} ({name}) is there twice", at + 1)),
                Some(place) => *place = Some(at),
                None if folded(name).is_empty() => wrong.push(format!("column {} has no name", at + 1)),
                None => wrong.push(format!("column {} ({}) is not known", at + 1, plain(name))),
            }
        }
        let needed = [
            ("symbol / 記号", columns.symbol),
            ("number / 番号", columns.number),
            ("birth_date / 生年月日", columns.birth_date),
            ("name / 氏名", columns.name),
        ];
        wrong.extend(needed.iter().filter(|(_, place)| place.is_none()).map(|(name, _)| format!("the column {name} is missing")));
        match wrong.is_empty() {
            true => Ok(columns),
            false => Err(format!("the first line has to name the columns: {}. Known are: {}", wrong.join("; "), Self::names())),
        }
    }

    /// How many columns the head line has.
    pub fn count(&self) -> usize {
        self.count
    }
}

fn folded(name: &str) -> String {
    fold(name).to_lowercase().chars().filter(|c| !c.is_whitespace()).collect()
}

/// A name from the file, fit for a terminal.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(40).collect()
}
