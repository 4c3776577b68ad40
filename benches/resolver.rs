//! The resolver over made-up registers on the real division tree, on one core:
//! `cargo bench --bench resolver`. With `-- --files FOLDER` it writes register and questions there
//! instead (`register.csv`: id, name; `questions.csv`: class, question, truth), so that other tools
//! can be asked the same.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    directory::Directory,
    resolution::{Outcome, Subject, resolve},
};
use rustix::time::{ClockId, clock_gettime};
use zhengxin::catalogue::Catalogue;

#[path = "resolver/register.rs"]
mod register;

#[path = "resolver/questions.rs"]
mod questions;

use questions::Question;
use register::Register;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Bodies in the registers that are asked.
const SIZES: [usize; 2] = [350_000, 1_000_000];
/// Questions of each class.
const QUESTIONS: usize = 5_000;

fn main() -> anyhow::Result<()> {
    let catalogue = Catalogue::load(None).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
    let args: Vec<String> = std::env::args().collect();
    let files = args.iter().position(|arg| arg == "--files");
    if let Some(folder) = files.and_then(|at| args.get(at + 1)) {
        let register = Register::make(&catalogue.divisions, SIZES[0]);
        return write(
            &PathBuf::from(folder),
            &register,
            &questions::make(&register, QUESTIONS),
        );
    }
    for size in SIZES {
        let register = Register::make(&catalogue.divisions, size);
        let start = Instant::now();
        let bodies = register.bodies.iter().map(|(id, body)| (*id, body));
        let directory = Directory::empty(Arc::clone(&catalogue.knowledge)).rebuilt(bodies);
        let directory = directory.with_events(register.events.iter());
        let built = start.elapsed();
        let patched = patch(&directory, &register);
        println!(
            "{} bodies, {} names: built in {:.2} s, {} MB; 100 changed in {:.1} ms",
            directory.len(),
            register.names(),
            built.as_secs_f64(),
            directory.bytes() / 1_000_000,
            patched.as_secs_f64() * 1e3,
        );
        println!(
            "{:<28} {:>9} {:>9} {:>9} {:>10} {:>8} {:>10} {:>8} {:>8}",
            "class", "p50 us", "p99 us", "max us", "per s", "right", "ambiguous", "nobody", "wrong"
        );
        for (class, asked) in questions::make(&register, QUESTIONS) {
            report(class, &directory, &asked);
        }
        println!();
    }
    Ok(())
}

/// How long it takes to learn of a hundred changed bodies.
fn patch(directory: &Directory, register: &Register) -> Duration {
    let start = Instant::now();
    let step = register.bodies.len() / 100;
    let changed = register
        .bodies
        .iter()
        .step_by(step)
        .map(|(id, body)| (*id, body));
    let patched = directory.patched(changed);
    assert_eq!(patched.len(), directory.len());
    start.elapsed()
}

/// The time that this thread has had a core: what else the machine does is left out.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn report(class: &str, directory: &Directory, asked: &[Question]) {
    let mut times: Vec<Duration> = Vec::with_capacity(asked.len());
    let (mut right, mut ambiguous, mut nobody, mut wrong) = (0, 0, 0, 0);
    for question in asked {
        let subject = Subject {
            code: question.code.as_deref(),
            name: question.name.as_deref(),
            ..Subject::default()
        };
        let start = cpu_time();
        let answer = resolve(directory, &subject);
        times.push(cpu_time() - start);
        match (answer.agency, answer.outcome) {
            (agency @ Some(_), _) if agency == question.truth => right += 1,
            (None, Outcome::None) if question.truth.is_none() => right += 1,
            (Some(_), outcome) => {
                wrong += 1;
                // A suggestion may be wrong; an answer may not.
                if outcome != Outcome::Fuzzy {
                    println!("confidently wrong: {:?}: {answer:?}", question.name);
                }
            }
            (None, Outcome::None) => nobody += 1,
            (None, _) => ambiguous += 1,
        }
    }
    let all: Duration = times.iter().sum();
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1e6;
    println!(
        "{class:<28} {:>9.1} {:>9.1} {:>9.1} {:>10.0} {right:>8} {ambiguous:>10} {nobody:>8} {wrong:>8}",
        at(50),
        at(99),
        at(100),
        asked.len() as f64 / all.as_secs_f64(),
    );
}

fn write(
    folder: &Path,
    register: &Register,
    questions: &[(&'static str, Vec<Question>)],
) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder)?;
    let mut rows = csv::Writer::from_path(folder.join("register.csv"))?;
    rows.write_record(["id", "name"])?;
    for (id, body) in &register.bodies {
        rows.write_record([&id.to_string(), &body.name])?;
    }
    rows.flush()?;
    let mut rows = csv::Writer::from_path(folder.join("questions.csv"))?;
    rows.write_record(["class", "question", "truth"])?;
    for (class, asked) in questions {
        for question in asked.iter().filter(|question| question.name.is_some()) {
            let truth = question.truth.map(|id| id.to_string()).unwrap_or_default();
            rows.write_record([class, question.name.as_deref().unwrap_or_default(), &truth])?;
        }
    }
    rows.flush()?;
    Ok(())
}
