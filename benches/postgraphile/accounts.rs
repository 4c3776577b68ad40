//! Processor time and memory of processes, as the system accounts for them.

use std::{collections::HashMap, fs, path::PathBuf, process::Command};

/// Milliseconds of a tick of the accounts: Linux tells of hundredths of a second.
const TICK: f64 = 10.0;

/// One process.
pub struct Account(u32);

/// A PostgreSQL server with all that serve its connections.
pub struct Database {
    process: u32,
}

/// Figures of a line of `/proc/PID/stat`: parent, time of its own, time of children that ended.
struct Stat {
    parent: u32,
    own: f64,
    children: f64,
}

fn stat(process: u32) -> anyhow::Result<Stat> {
    let line = fs::read_to_string(format!("/proc/{process}/stat"))?;
    let after_name = line.rsplit_once(')').map_or("", |(_, rest)| rest);
    let fields: Vec<&str> = after_name.split_whitespace().collect();
    let number = |at: usize| -> anyhow::Result<f64> {
        let field = fields.get(at).ok_or_else(|| anyhow::anyhow!("{line}"))?;
        Ok(field.parse()?)
    };
    Ok(Stat {
        parent: number(1)? as u32,
        own: (number(11)? + number(12)?) * TICK,
        children: (number(13)? + number(14)?) * TICK,
    })
}

impl Account {
    pub fn of(process: u32) -> anyhow::Result<Self> {
        stat(process)?;
        Ok(Self(process))
    }

    pub fn milliseconds(&self) -> anyhow::Result<f64> {
        Ok(stat(self.0)?.own)
    }

    pub fn resident_megabytes(&self) -> anyhow::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        let kilobytes = line.and_then(|line| line.split_whitespace().next());
        let kilobytes = kilobytes.ok_or_else(|| anyhow::anyhow!("no VmRSS"))?;
        Ok(kilobytes.parse::<u64>()? / 1_024)
    }
}

impl Database {
    /// The server whose socket lies in the folder that the address names.
    pub fn at(url: &str) -> anyhow::Result<Self> {
        let (_, folder) = url
            .rsplit_once("host=")
            .ok_or_else(|| anyhow::anyhow!("{url} names no folder"))?;
        let pid = PathBuf::from(folder).join("data/postmaster.pid");
        let text = fs::read_to_string(pid)?;
        let process = text.lines().next().unwrap_or_default().parse()?;
        Ok(Self { process })
    }

    pub fn milliseconds(&self) -> anyhow::Result<f64> {
        let mut of_children = HashMap::new();
        for entry in fs::read_dir("/proc")? {
            let name = entry?.file_name();
            // What ends meanwhile is accounted for with its parent.
            let Some(found) = name.to_str().and_then(|name| name.parse().ok()) else {
                continue;
            };
            if let Ok(stat) = stat(found)
                && stat.parent == self.process
            {
                of_children.insert(found, stat.own);
            }
        }
        let server = stat(self.process)?;
        Ok(server.own + server.children + of_children.values().sum::<f64>())
    }
}

/// Keeps this process, and what it starts from now on, to the last core.
pub fn keep_to_last_core() -> anyhow::Result<()> {
    let last = std::thread::available_parallelism()?.get() - 1;
    let mut taskset = Command::new("taskset");
    taskset.args([
        "-a",
        "-c",
        "-p",
        &last.to_string(),
        &std::process::id().to_string(),
    ]);
    anyhow::ensure!(taskset.output()?.status.success(), "taskset failed");
    Ok(())
}
