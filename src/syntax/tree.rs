//! The lossless syntax tree: pest's flat items, nested by their braces.
//!
//! The tree is an arena of nodes in preorder; each node knows where its last descendant ends, so a
//! walk needs no pointers. It owns no text and no pest type. Every byte of the text that is not
//! white space lies in a leaf.
//!
//! The grammar is flat on purpose: nesting is done here with a stack of our own, so that deep or
//! unbalanced braces cost linear time and no program stack.

use pest::Parser as _;
use pest::Token;

use super::grammar::{Grammar, Rule};
use super::kind::SyntaxKind;
use crate::source::TextRange;

/// Deepest nesting of blocks that is followed. Real policy stays below five; the parser takes more than a thousand.
pub const MAX_NESTING: usize = 256;

/// One node of a [`SyntaxTree`].
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Node {
    /// What it is.
    pub kind: SyntaxKind,
    /// The text it covers.
    pub range: TextRange,
    /// Index of the first node behind its last descendant.
    next: u32,
}

/// What nesting found wrong, in the order of the text.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum NestingFault {
    /// A block that is never closed, by its opening brace.
    Unclosed(TextRange),
    /// A closing brace without an opening one.
    Unopened(TextRange),
    /// A block nested deeper than [`MAX_NESTING`], by its opening brace.
    TooDeep(TextRange),
}

/// The syntax tree of one file.
#[derive(Clone, Debug, Default)]
pub struct SyntaxTree {
    nodes: Vec<Node>,
    /// What is wrong with its braces.
    pub faults: Vec<NestingFault>,
}

/// Parses any text. Errors are nodes of the kinds [`SyntaxKind::Junk`] and [`SyntaxKind::Stray`], or are found
/// when the tree is lowered.
#[must_use]
pub fn parse(text: &str) -> SyntaxTree {
    let mut builder = Builder::default();
    // The grammar takes every text; should pest refuse one (its call limit is not set), the whole
    // text becomes one junk node, which lowering reports.
    match Grammar::parse(Rule::policy_file, text) {
        Ok(pairs) => builder.build(pairs.tokens()),
        Err(_) => builder.leaf(SyntaxKind::Junk, TextRange::new(0, length(text))),
    }
    builder.finish(length(text))
}

fn length(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

impl SyntaxTree {
    /// The node of the whole file.
    #[must_use]
    pub fn root(&self) -> Cursor<'_> {
        Cursor {
            tree: self,
            index: 0,
        }
    }

    /// All nodes in preorder.
    #[must_use]
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// Puts the text together again, node by node. `None` if nodes overlap or leave their parent, or
    /// if anything but white space lies between the items of a file or block: the tree lost it.
    #[must_use]
    pub fn rebuild(&self, text: &str) -> Option<String> {
        let mut rebuilt = String::with_capacity(text.len());
        let mut open: Vec<(Node, usize)> = Vec::new();
        let mut at = 0;
        for (index, node) in self.nodes.iter().enumerate() {
            while let Some(&(parent, _)) = open
                .last()
                .filter(|(parent, _)| parent.next as usize <= index)
            {
                open.pop();
                at = piece(text, at, parent.range.end, parent.kind, &mut rebuilt)?;
            }
            if let Some(&(parent, _)) = open.last() {
                let inside = parent.range.contains(node.range) && node.next <= parent.next;
                at = inside
                    .then(|| piece(text, at, node.range.start, parent.kind, &mut rebuilt))??;
            }
            open.push((*node, index));
        }
        while let Some((parent, _)) = open.pop() {
            at = piece(text, at, parent.range.end, parent.kind, &mut rebuilt)?;
        }
        (at == text.len()).then_some(rebuilt)
    }
}

/// Appends the text from `at` to `end`, which belongs to a node of `kind` itself.
fn piece(text: &str, at: usize, end: u32, kind: SyntaxKind, rebuilt: &mut String) -> Option<usize> {
    let own = text.get(at..end as usize)?;
    let may_own_text = !matches!(kind, SyntaxKind::File | SyntaxKind::Block);
    if !may_own_text && own.contains(|c| !matches!(c, ' ' | '\t' | '\r' | '\n')) {
        return None;
    }
    rebuilt.push_str(own);
    Some(end as usize)
}

/// A node in its tree.
#[derive(Copy, Clone, Debug)]
pub struct Cursor<'t> {
    tree: &'t SyntaxTree,
    index: u32,
}

impl<'t> Cursor<'t> {
    fn node(self) -> Node {
        let nothing = Node {
            kind: SyntaxKind::Junk,
            range: TextRange::at(0),
            next: self.index + 1,
        };
        self.tree
            .nodes
            .get(self.index as usize)
            .copied()
            .unwrap_or(nothing)
    }

    /// What it is.
    #[must_use]
    pub fn kind(self) -> SyntaxKind {
        self.node().kind
    }

    /// The text it covers.
    #[must_use]
    pub fn range(self) -> TextRange {
        self.node().range
    }

    /// Its children, in the order of the text.
    #[must_use]
    pub fn children(self) -> Children<'t> {
        Children {
            tree: self.tree,
            at: self.index + 1,
            end: self.node().next,
        }
    }

    /// Its first child of a kind.
    #[must_use]
    pub fn child(self, kind: SyntaxKind) -> Option<Self> {
        self.children().find(|child| child.kind() == kind)
    }
}

/// Iterates over the children of a node.
#[derive(Clone, Debug)]
pub struct Children<'t> {
    tree: &'t SyntaxTree,
    at: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Cursor<'t>;

    fn next(&mut self) -> Option<Cursor<'t>> {
        if self.at >= self.end {
            return None;
        }
        let child = Cursor {
            tree: self.tree,
            index: self.at,
        };
        self.at = child.node().next;
        Some(child)
    }
}

/// A block that is open while the tree is built.
struct OpenBlock {
    /// The item that it belongs to.
    item: u32,
    block: u32,
    brace: TextRange,
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    faults: Vec<NestingFault>,
    /// Nodes that pest has started and not ended.
    started: Vec<u32>,
    blocks: Vec<OpenBlock>,
    /// Open braces beyond [`MAX_NESTING`].
    too_deep: usize,
}

impl Builder {
    fn build<'t>(&mut self, tokens: impl Iterator<Item = Token<'t, Rule>>) {
        for token in tokens {
            match token {
                Token::Start {
                    rule: production,
                    pos,
                } => self.start(production, pos.pos()),
                Token::End {
                    rule: production,
                    pos,
                } => self.end(production, pos.pos()),
            }
        }
    }

    fn start(&mut self, production: Rule, at: usize) {
        let Some(kind) = SyntaxKind::of(production) else {
            return;
        };
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let index = self.push(kind, TextRange::at(at));
        self.started.push(index);
    }

    fn push(&mut self, kind: SyntaxKind, range: TextRange) -> u32 {
        let index = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        self.nodes.push(Node {
            kind,
            range,
            next: index + 1,
        });
        index
    }

    fn leaf(&mut self, kind: SyntaxKind, range: TextRange) {
        if self.nodes.is_empty() {
            let root = self.push(SyntaxKind::File, TextRange::at(0));
            self.started.push(root);
        }
        self.push(kind, range);
    }

    fn end(&mut self, production: Rule, at: usize) {
        let Some(kind) = SyntaxKind::of(production) else {
            return;
        };
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        if kind == SyntaxKind::File {
            return;
        }
        let Some(index) = self.started.pop() else {
            return;
        };
        self.close_node(index, at);
        // Depth 1 is the file: what ends here is a whole item.
        if self.started.len() != 1 {
            return;
        }
        let was_deep = self.too_deep > 0;
        match self.nodes.last() {
            Some(last) if last.kind == SyntaxKind::BraceOpen => self.open_block(index, last.range),
            Some(last) if last.kind == SyntaxKind::BraceClose => {
                self.close_block(index, last.range)
            }
            _ => {}
        }
        // Without the blocks around it, it would mean something else.
        if (was_deep || self.too_deep > 0)
            && kind != SyntaxKind::Comment
            && let Some(node) = self.nodes.get_mut(index as usize)
        {
            node.kind = SyntaxKind::TooDeep;
        }
    }

    fn close_node(&mut self, index: u32, end: u32) {
        let next = u32::try_from(self.nodes.len()).unwrap_or(u32::MAX);
        if let Some(node) = self.nodes.get_mut(index as usize) {
            node.range.end = end;
            node.next = next;
        }
    }

    /// Turns the item `item`, which ends with an opening brace, into one that goes on with a block.
    fn open_block(&mut self, item: u32, brace: TextRange) {
        if self.blocks.len() >= MAX_NESTING {
            if self.too_deep == 0 {
                self.faults.push(NestingFault::TooDeep(brace));
            }
            self.too_deep += 1;
            return;
        }
        let block = self.push(SyntaxKind::Block, TextRange::at(brace.end));
        self.blocks.push(OpenBlock { item, block, brace });
    }

    /// `brace` is the node of the closing brace, already in the innermost block.
    fn close_block(&mut self, brace: u32, range: TextRange) {
        if self.too_deep > 0 {
            self.too_deep -= 1;
            return;
        }
        match self.blocks.pop() {
            Some(open) => {
                // The block ends in front of the brace, the item behind it.
                if let Some(block) = self.nodes.get_mut(open.block as usize) {
                    block.range.end = range.start;
                    block.next = brace;
                }
                self.close_node(open.item, range.end);
            }
            None => self.faults.push(NestingFault::Unopened(range)),
        }
    }

    fn finish(mut self, end: u32) -> SyntaxTree {
        for open in std::mem::take(&mut self.blocks).into_iter().rev() {
            self.close_node(open.block, end);
            self.close_node(open.item, end);
            self.faults.push(NestingFault::Unclosed(open.brace));
        }
        self.close_node(0, end);
        SyntaxTree {
            nodes: self.nodes,
            faults: self.faults,
        }
    }
}
