//! An SMTP server that takes everything in (RFC 5321, as much of it as a relay's client needs).

use super::{Mail, Shelf};
use mail_parser::MessageParser;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, SystemTime};

/// Longest line that is read; RFC 5321 §4.5.3.1.6 asks for 1,000.
const LINE: u64 = 4096;

/// Longest mail that is taken.
const MAIL: usize = 1 << 20;

/// How long a silent client is waited for.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the conversation is protected.
#[derive(Clone)]
pub enum Protection {
    /// Not at all.
    Plain,
    /// Offers STARTTLS (RFC 3207), and takes no mail before it.
    StartTls(Arc<ServerConfig>),
    /// TLS from the first byte.
    Implicit(Arc<ServerConfig>),
}

/// The listening side.
pub(super) struct Sink {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sink {
    pub(super) fn start(address: SocketAddr, protection: Protection, shelf: Arc<Shelf>) -> Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = std::thread::Builder::new().name("smtp sink".to_owned()).spawn(move || {
            for stream in listener.incoming().take_while(|_| !stopped.load(Ordering::SeqCst)).flatten() {
                let (protection, shelf) = (protection.clone(), Arc::clone(&shelf));
                // A client that breaks off, or a thread that cannot be had: the client sees it, and tries again.
                let _ = std::thread::Builder::new().name("smtp client".to_owned()).spawn(move || serve(stream, protection, &shelf));
            }
        })?;
        Ok(Self { address, stop, thread: Some(thread) })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // A connection of our own ends the wait for the next one.
        if TcpStream::connect(self.address).is_ok()
            && let Some(thread) = self.thread.take()
        {
            drop(thread.join());
        }
    }
}

fn serve(stream: TcpStream, protection: Protection, shelf: &Shelf) -> Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_nodelay(true)?;
    match protection {
        Protection::Plain => Session::new(shelf, false).greet(stream).map(drop),
        Protection::Implicit(config) => Session::new(shelf, false).greet(secured(config, stream)?).map(drop),
        Protection::StartTls(config) => match Session::new(shelf, true).greet(stream)? {
            Some(stream) => Session::new(shelf, false).converse(BufReader::new(secured(config, stream)?)).map(drop),
            None => Ok(()),
        },
    }
}

fn secured(config: Arc<ServerConfig>, stream: TcpStream) -> Result<StreamOwned<ServerConnection, TcpStream>> {
    Ok(StreamOwned::new(ServerConnection::new(config).map_err(std::io::Error::other)?, stream))
}

/// One conversation.
struct Session<'a> {
    shelf: &'a Shelf,
    /// STARTTLS is offered, and nothing else goes before it.
    tls_first: bool,
    from: Option<String>,
    to: Vec<String>,
}

impl<'a> Session<'a> {
    fn new(shelf: &'a Shelf, tls_first: bool) -> Self {
        Self { shelf, tls_first, from: None, to: Vec::new() }
    }

    fn greet<S: Read + Write>(self, mut stream: S) -> Result<Option<S>> {
        reply(&mut stream, "220 mailbox of the harness")?;
        self.converse(BufReader::new(stream))
    }

    /// Talks until the client leaves. Gives the stream back when TLS is to begin on it.
    fn converse<S: Read + Write>(mut self, mut stream: BufReader<S>) -> Result<Option<S>> {
        while let Some(line) = read_line(&mut stream)? {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            let verb = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
            let answer = match verb.as_str() {
                "EHLO" if self.tls_first => "250-mailbox\r\n250 STARTTLS".to_owned(),
                "EHLO" => "250-mailbox\r\n250 8BITMIME".to_owned(),
                "HELO" | "NOOP" => "250 OK".to_owned(),
                "STARTTLS" if self.tls_first => {
                    reply(stream.get_mut(), "220 begin")?;
                    return Ok(Some(stream.into_inner()));
                }
                "QUIT" => {
                    reply(stream.get_mut(), "221 bye")?;
                    return Ok(None);
                }
                _ if self.tls_first => "530 STARTTLS first".to_owned(),
                "RSET" => self.reset(),
                "MAIL" => self.sender(&line),
                "RCPT" => self.recipient(&line),
                "DATA" if self.to.is_empty() => "503 RCPT first".to_owned(),
                "DATA" => {
                    reply(stream.get_mut(), "354 end with a dot")?;
                    let Some(mail) = read_mail(&mut stream)? else { return Ok(None) };
                    self.take_in(&mail)
                }
                _ => "502 not here".to_owned(),
            };
            reply(stream.get_mut(), &answer)?;
        }
        Ok(None)
    }

    fn reset(&mut self) -> String {
        self.from = None;
        self.to.clear();
        "250 OK".to_owned()
    }

    fn sender(&mut self, line: &str) -> String {
        self.reset();
        self.from = path(line);
        if self.from.is_some() { "250 OK" } else { "501 MAIL FROM:<address>" }.to_owned()
    }

    fn recipient(&mut self, line: &str) -> String {
        let address = path(line).filter(|address| address.contains('@'));
        let (Some(address), Some(_)) = (address, &self.from) else { return "501 MAIL FROM:<address>, RCPT TO:<address>".to_owned() };
        if let Some(code) = self.shelf.lock().refusals.pop_front() {
            return format!("{code} <{address}>: planned by the harness");
        }
        self.to.push(address);
        "250 OK".to_owned()
    }

    fn take_in(&mut self, raw: &[u8]) -> String {
        if raw.len() > MAIL {
            return "552 too long".to_owned();
        }
        let Some(parsed) = MessageParser::default().parse(raw) else { return "554 not a mail".to_owned() };
        let mail = |to: String| Mail {
            to,
            from: self.from.clone().unwrap_or_default(),
            subject: parsed.subject().unwrap_or_default().to_owned(),
            text: parsed.body_text(0).unwrap_or_default().replace("\r\n", "\n"),
            message_id: parsed.message_id().unwrap_or_default().to_owned(),
            received: now(),
            raw: String::from_utf8_lossy(raw).into_owned(),
        };
        self.shelf.put(self.to.iter().cloned().map(mail).collect());
        self.reset()
    }
}

fn reply(stream: &mut impl Write, line: &str) -> Result<()> {
    stream.write_all(format!("{line}\r\n").as_bytes())?;
    stream.flush()
}

/// The next line with its end; `None` when the client is gone, or sends a line without end.
fn read_line(stream: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    stream.take(LINE).read_until(b'\n', &mut line)?;
    Ok(line.ends_with(b"\n").then_some(line))
}

/// Up to the line with nothing but a dot; dots that the client doubled are single again (RFC 5321 §4.5.2).
/// Of a mail that is too long only the beginning is kept.
fn read_mail(stream: &mut impl BufRead) -> Result<Option<Vec<u8>>> {
    let mut mail = Vec::new();
    while let Some(line) = read_line(stream)? {
        if line == b".\r\n" {
            return Ok(Some(mail));
        }
        if mail.len() <= MAIL {
            mail.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
        }
    }
    Ok(None)
}

/// The address between the angle brackets; a quoted local part loses its quotes.
fn path(line: &str) -> Option<String> {
    let (_, rest) = line.split_once('<')?;
    let (address, _) = rest.rsplit_once('>')?;
    let Some(quoted) = address.strip_prefix('"') else { return Some(address.to_owned()) };
    let (local, domain) = quoted.rsplit_once("\"@")?;
    Some(format!("{}@{domain}", local.replace('\\', "")))
}

#[expect(clippy::disallowed_methods, reason = "a real mail arrives at a real time; simulations use CollectingMailer")]
fn now() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}
