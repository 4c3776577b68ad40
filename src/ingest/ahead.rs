//! Reading ahead: a file is taken apart on a thread of its own, while what came out of it before is
//! identified.

use std::{
    panic::resume_unwind,
    sync::mpsc::{SyncSender, sync_channel},
    thread,
};

use crate::sources::{Item, Sink, Unreadable};

/// Items that are handed over at once, and bytes of their cells.
const CHUNK_ITEMS: usize = 256;
const CHUNK_BYTES: usize = 1_048_576;
/// Chunks that wait to be taken.
const CHUNKS_AHEAD: usize = 2;

/// Takes items on the reading side.
pub(super) struct Ahead {
    chunks: SyncSender<Vec<Item>>,
    chunk: Vec<Item>,
    bytes: usize,
}

/// Reads on another thread and takes on this one, in the same order; what goes wrong first here or
/// there ends both.
pub(super) fn read_ahead(
    read: impl FnOnce(&mut Ahead) -> Result<(), Unreadable> + Send,
    mut take: impl FnMut(Item) -> Result<(), Unreadable>,
) -> Result<(), Unreadable> {
    let (sender, receiver) = sync_channel(CHUNKS_AHEAD);
    thread::scope(|scope| {
        let reader = scope.spawn(move || {
            let mut ahead = Ahead {
                chunks: sender,
                chunk: Vec::new(),
                bytes: 0,
            };
            let read = read(&mut ahead);
            // What stands before the place that can't be read is taken first.
            let flushed = ahead.flush();
            read.and(flushed)
        });
        // Dropped where taking fails, so that the reader does not wait for ever.
        let chunks = receiver;
        for item in chunks.iter().flatten() {
            take(item)?;
        }
        reader.join().unwrap_or_else(|panic| resume_unwind(panic))
    })
}

impl Ahead {
    fn flush(&mut self) -> Result<(), Unreadable> {
        self.bytes = 0;
        let chunk = std::mem::take(&mut self.chunk);
        // Only when taking has failed is nobody there.
        let given_up = |_| Unreadable::new("the delivery was given up");
        self.chunks.send(chunk).map_err(given_up)
    }
}

impl Sink for Ahead {
    fn take(&mut self, item: Item) -> Result<(), Unreadable> {
        if let Item::Row(row) = &item {
            self.bytes += row.cells.iter().flatten().map(String::len).sum::<usize>();
        }
        self.chunk.push(item);
        match self.chunk.len() >= CHUNK_ITEMS || self.bytes >= CHUNK_BYTES {
            true => self.flush(),
            false => Ok(()),
        }
    }
}
