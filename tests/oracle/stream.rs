//! The outermost layer of compiled policy: typed elements, some with a name, nested.
//!
//! Every element begins with one byte that says what it is, so the whole stream can be read into a tree without knowing
//! what a profile is made of. The codes are those of the kernel's policy_unpack.c.

use super::Damaged;

/// How deep structures may nest; the parser writes four levels.
const DEEPEST: usize = 16;

/// An element, with the name that stands before it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    pub name: Option<String>,
    pub value: Value,
}

/// What an element holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// An unsigned number of any width.
    Number(u64),
    Text(String),
    Blob(Vec<u8>),
    /// A structure, a list or an array.
    Group(Vec<Field>),
}

impl Field {
    /// Whether it bears this name.
    pub fn is_named(&self, name: &str) -> bool {
        self.name.as_deref() == Some(name)
    }

    pub fn number(&self) -> Result<u64, Damaged> {
        match self.value {
            Value::Number(number) => Ok(number),
            _ => Err(Damaged("a number is missing")),
        }
    }

    pub fn group(&self) -> Result<&[Field], Damaged> {
        match &self.value {
            Value::Group(fields) => Ok(fields),
            _ => Err(Damaged("a structure is missing")),
        }
    }

    pub fn blob(&self) -> Result<&[u8], Damaged> {
        match &self.value {
            Value::Blob(bytes) => Ok(bytes),
            _ => Err(Damaged("a blob is missing")),
        }
    }

    pub fn text(&self) -> Result<&str, Damaged> {
        match &self.value {
            Value::Text(text) => Ok(text),
            _ => Err(Damaged("a string is missing")),
        }
    }
}

/// Reads all elements of a stream.
pub fn read(bytes: &[u8]) -> Result<Vec<Field>, Damaged> {
    let mut rest = bytes;
    let mut fields = Vec::new();
    while !rest.is_empty() {
        fields.push(field(&mut rest, 0)?);
    }
    Ok(fields)
}

/// Takes the first `count` bytes off.
pub fn take<'a>(rest: &mut &'a [u8], count: usize) -> Result<&'a [u8], Damaged> {
    let (head, tail) = rest
        .split_at_checked(count)
        .ok_or(Damaged("the stream ends too early"))?;
    *rest = tail;
    Ok(head)
}

fn number(rest: &mut &[u8], width: usize) -> Result<u64, Damaged> {
    let bytes = take(rest, width)?;
    let digits = bytes.iter().rev();
    Ok(digits.fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

fn text(rest: &mut &[u8]) -> Result<String, Damaged> {
    let length = number(rest, 2)?;
    let bytes = take(rest, usize::try_from(length).unwrap_or(usize::MAX))?;
    let bytes = bytes.strip_suffix(b"\0").unwrap_or(bytes);
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

fn field(rest: &mut &[u8], depth: usize) -> Result<Field, Damaged> {
    let mut name = None;
    let mut code = number(rest, 1)?;
    if code == 4 {
        name = Some(text(rest)?);
        code = number(rest, 1)?;
    }
    let value = match code {
        0 => Value::Number(number(rest, 1)?),
        1 => Value::Number(number(rest, 2)?),
        2 => Value::Number(number(rest, 4)?),
        3 => Value::Number(number(rest, 8)?),
        5 => Value::Text(text(rest)?),
        6 => {
            let length = usize::try_from(number(rest, 4)?).unwrap_or(usize::MAX);
            Value::Blob(take(rest, length)?.to_vec())
        }
        7 | 9 | 11 => {
            if code == 11 {
                // The count of an array's elements; its end is marked as well.
                number(rest, 2)?;
            }
            Value::Group(group(rest, code + 1, depth + 1)?)
        }
        _ => return Err(Damaged("an element of an unknown kind")),
    };
    Ok(Field { name, value })
}

/// The elements up to the one that marks the end.
fn group(rest: &mut &[u8], end: u64, depth: usize) -> Result<Vec<Field>, Damaged> {
    if depth > DEEPEST {
        return Err(Damaged("structures nest too deep"));
    }
    let mut fields = Vec::new();
    loop {
        match rest.first() {
            None => return Err(Damaged("the stream ends within a structure")),
            Some(code) if u64::from(*code) == end => {
                take(rest, 1)?;
                return Ok(fields);
            }
            Some(_) => fields.push(field(rest, depth)?),
        }
    }
}
