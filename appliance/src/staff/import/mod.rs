//! Members from a CSV file, in two passes (design §11): the first checks everything and writes nothing, the second writes batches
//! that nobody sees until the last one is on the disk.

mod columns;
mod line;
mod text;
mod write;

pub use line::birth_date;
pub use text::Encoding;

use super::{Desk, Office, StaffError, in_japan};
use crate::ports::Unique;
use crate::records::index_user_id;
use crate::society::Society;
use columns::Columns;
use csv::{Reader, ReaderBuilder, StringRecord};
use line::{FirstPassword, Line};
use ring::digest::{Context, SHA256};
use sekisho_core::id::BlindIndex;
use sekisho_core::tenant::{PasswordRule, Preset};
use sekisho_core::time::Timestamp;
use std::collections::BTreeMap;
use std::io::{self, Read};
use text::Decoded;

/// Most members in one file: what is remembered to find duplicates stays below 100 MB.
pub const MOST_LINES: u64 = 1_000_000;

/// Members that are looked up, sealed and written together.
const BATCH: usize = 500;

/// A line for the operator each time so many have gone by.
const EVERY: u64 = 10_000;

/// Checks the file, and unless it is a `dry_run` writes its members. All of them or none.
pub fn run(office: &Office, society: &Society, encoding: Encoding, dry_run: bool, desk: &dyn Desk) -> Result<(), StaffError> {
    let Ok(_only) = office.importing.try_lock() else {
        return Err(StaffError::Refused("another import is running; wait for it".to_owned()));
    };
    let left = office.world.store.abandon_import(&society.name)?;
    if left > 0 {
        desk.line(&format!("removed {left} members of an import that was never finished; nobody has seen them"))?;
    }
    let now = office.world.now(&society.name)?;
    let checked = check(office, society, encoding, now, desk)?;
    if checked.bad > 0 {
        let text = format!("{} of {} lines are bad; nothing was written. Mend them and run it again", checked.bad, checked.lines);
        return Err(StaffError::Refused(text));
    }
    desk.line(&format!("checked: {} members, read as {}", checked.lines, encoding.name()))?;
    if checked.passwordless > 0 {
        let count = checked.passwordless;
        desk.line(&format!("note: {count} of them get no first password; they cannot log in until `sekisho member issue` gives them one"))?;
    }
    if checked.by_rule > 0 && society.policy().preset == Preset::Hardened {
        let count = checked.by_rule;
        desk.line(&format!("note: {count} of them need an activation code beside the first password: `sekisho member activation-code`"))?;
    }
    if dry_run {
        desk.line("dry run: nothing was written")?;
        return Ok(());
    }
    write::all(office, society, encoding, now, &checked, desk)
}

/// What the first pass found.
struct Checked {
    lines: u64,
    bad: u64,
    passwordless: u64,
    by_rule: u64,
    /// SHA-256 of the file: the second pass has to read the same.
    digest: Vec<u8>,
}

/// The first pass.
fn check(office: &Office, society: &Society, encoding: Encoding, now: Timestamp, desk: &dyn Desk) -> Result<Checked, StaffError> {
    let keys = society.keys(&office.world)?;
    let mut lines = Lines::open(desk, encoding, society, now)?;
    let mut seen = Seen::default();
    let mut checked = Checked { lines: 0, bad: 0, passwordless: 0, by_rule: 0, digest: Vec::new() };
    let mut batch = Vec::with_capacity(BATCH);
    while let Some((at, line)) = lines.next()? {
        checked.lines += 1;
        if checked.lines > MOST_LINES {
            return Err(StaffError::Refused(format!("more than {MOST_LINES} members in one file; split it. Nothing was written")));
        }
        if checked.lines.is_multiple_of(EVERY) {
            desk.line(&format!("checking: {} lines", checked.lines))?;
        }
        stopped(office)?;
        let line = line.and_then(|line| {
            let row = Row { at, card: line.card.index(keys), user_id: index_user_id(keys, &line.user_id) };
            seen.add(&row).map(|()| (row, line))
        });
        match line {
            Ok((row, line)) => {
                checked.passwordless += u64::from(matches!(line.password, FirstPassword::None));
                checked.by_rule += u64::from(matches!(line.password, FirstPassword::Rule(_)));
                batch.push(row);
            }
            Err(reason) => {
                checked.bad += 1;
                desk.line(&format!("line {at}: {reason}"))?;
            }
        }
        if batch.len() == BATCH {
            checked.bad += known_already(office, society, &mut batch, desk)?;
        }
    }
    checked.bad += known_already(office, society, &mut batch, desk)?;
    checked.digest = lines.digest()?;
    Ok(checked)
}

fn stopped(office: &Office) -> Result<(), StaffError> {
    match office.stop.is_set() {
        true => Err(StaffError::Refused("the server stops; nothing was imported. Run it again when it is back".to_owned())),
        false => Ok(()),
    }
}

/// A line as it is compared with others.
struct Row {
    at: u64,
    card: BlindIndex,
    user_id: BlindIndex,
}

/// What earlier lines have taken, and in which line.
#[derive(Default)]
struct Seen {
    cards: BTreeMap<BlindIndex, u32>,
    user_ids: BTreeMap<BlindIndex, u32>,
}

impl Seen {
    fn add(&mut self, row: &Row) -> Result<(), String> {
        let at = u32::try_from(row.at).unwrap_or(u32::MAX);
        let card = self.cards.insert(row.card, at);
        let user_id = self.user_ids.insert(row.user_id, at);
        match (card, user_id) {
            (None, None) => Ok(()),
            (Some(other), _) => Err(format!("symbol, number and branch stand in line {other}, too; a family differs in branch")),
            (None, Some(other)) => Err(format!("the user ID stands in line {other}, too")),
        }
    }
}

/// Reports those whose card or user ID belongs to a member already, and empties the batch. Returns how many lines that were.
fn known_already(office: &Office, society: &Society, batch: &mut Vec<Row>, desk: &dyn Desk) -> Result<u64, StaffError> {
    let store = &office.world.store;
    let cards: Vec<BlindIndex> = batch.iter().map(|row| row.card).collect();
    let user_ids: Vec<BlindIndex> = batch.iter().map(|row| row.user_id).collect();
    let mut known = BTreeMap::new();
    for place in store.taken(&society.name, Unique::UserId, &user_ids)? {
        known.insert(place, "the user ID belongs to another member already");
    }
    for place in store.taken(&society.name, Unique::Card, &cards)? {
        known.insert(place, "this member is registered already");
    }
    for (place, reason) in &known {
        if let Some(row) = batch.get(*place) {
            desk.line(&format!("line {}: {reason}", row.at))?;
        }
    }
    batch.clear();
    Ok(u64::try_from(known.len()).unwrap_or(u64::MAX))
}

/// The lines of the file in one pass, with the file's hash at the end.
struct Lines<'a> {
    reader: Reader<Decoded<Hashed<Box<dyn Read + 'a>>>>,
    columns: Columns,
    record: StringRecord,
    rule: PasswordRule,
    today: String,
}

impl<'a> Lines<'a> {
    fn open(desk: &'a dyn Desk, encoding: Encoding, society: &Society, now: Timestamp) -> Result<Self, StaffError> {
        let file = Hashed { from: desk.file(0)?, context: Context::new(&SHA256) };
        let mut reader = ReaderBuilder::new().flexible(true).has_headers(false).from_reader(Decoded::new(file, encoding));
        let mut head = StringRecord::new();
        if !reader.read_record(&mut head).map_err(not_csv)? {
            return Err(StaffError::Refused("the file is empty; nothing was written".to_owned()));
        }
        let columns = Columns::read(&head).map_err(|text| StaffError::Refused(format!("line 1: {text}")))?;
        let today = in_japan(now).chars().filter(char::is_ascii_digit).take(8).collect();
        Ok(Self { reader, columns, record: StringRecord::new(), rule: society.policy().password, today })
    }

    /// The next line's number, and the member it describes or what is wrong with it. Empty lines are none.
    #[expect(clippy::type_complexity, reason = "a line number and either a member or reasons; a name would say less")]
    fn next(&mut self) -> Result<Option<(u64, Result<Line, String>)>, StaffError> {
        if !self.reader.read_record(&mut self.record).map_err(not_csv)? {
            return Ok(None);
        }
        let at = self.record.position().map_or(0, csv::Position::line);
        let line = match self.record.len() == self.columns.count() {
            true => Line::read(&self.columns.fields(&self.record), &self.rule, &self.today),
            false => Err(format!(
                "{} fields where the first line names {}; is the file cut, or a comma not in quotes?",
                self.record.len(),
                self.columns.count()
            )),
        };
        Ok(Some((at, line)))
    }

    /// SHA-256 of the whole file, once all lines have been read.
    fn digest(self) -> Result<Vec<u8>, StaffError> {
        let mut decoded = self.reader.into_inner();
        io::copy(&mut decoded, &mut io::sink())?;
        Ok(decoded.into_inner().context.finish().as_ref().to_vec())
    }
}

fn not_csv(error: csv::Error) -> StaffError {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => StaffError::Gone(error),
        // Its words could quote the file.
        _ => StaffError::Refused("this is no CSV file; nothing was written".to_owned()),
    }
}

/// Hashes what passes.
struct Hashed<R> {
    from: R,
    context: Context,
}

impl<R: Read> Read for Hashed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.context.update(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}
