//! Questions with known truth, by class.

use crate::register::{Luck, Parts, Register};

pub struct Question {
    pub code: Option<String>,
    pub name: Option<String>,
    /// The body that is meant; nobody where there is none.
    pub truth: Option<i64>,
}

/// Makes one question about a body; none where the body is not of the kind.
type Make = fn(&mut Luck, &Register, usize) -> Option<Question>;

const CLASSES: [(&str, Make); 10] = [
    ("code", |_, register, at| {
        let code = register.bodies[at].1.uscc.to_string();
        Some(Question {
            code: Some(code),
            name: None,
            truth: truth(register, at),
        })
    }),
    ("code and name", |_, register, at| {
        let code = Some(register.bodies[at].1.uscc.to_string());
        Some(Question {
            code,
            ..by_name(register, at, register.bodies[at].1.name.clone())
        })
    }),
    ("full name", |_, register, at| {
        let Parts { path, core, .. } = &register.parts[at];
        Some(by_name(register, at, format!("{path}{core}")))
    }),
    ("name with own division", |_, register, at| {
        let Parts { own, core, .. } = &register.parts[at];
        Some(by_name(register, at, format!("{own}{core}")))
    }),
    ("short form", |_, register, at| {
        let Parts { path, short, .. } = &register.parts[at];
        (!short.is_empty()).then(|| by_name(register, at, format!("{path}{short}")))
    }),
    ("one wrong character", |luck, register, at| {
        let Parts { path, core, .. } = &register.parts[at];
        let mut core: Vec<char> = core.chars().collect();
        let wrong = luck.below(core.len().saturating_sub(2).max(1));
        core[wrong] = '菒';
        Some(by_name(
            register,
            at,
            format!("{path}{}", core.into_iter().collect::<String>()),
        ))
    }),
    ("former name, reform, event", |_, register, at| {
        let Parts { path, former, .. } = &register.parts[at];
        (!former.is_empty()).then(|| by_name(register, at, format!("{path}{former}")))
    }),
    ("nobody in a division", |luck, register, at| {
        let Parts { path, .. } = &register.parts[at];
        let name = format!(
            "{path}{}",
            luck.pick(&["航天发射局", "南极考察办公室", "深海采矿管理委员会"])
        );
        Some(Question {
            truth: None,
            ..by_name(register, at, name)
        })
    }),
    ("no division", |_, register, at| {
        Some(by_name(register, at, register.parts[at].core.clone()))
    }),
    ("no division, one wrong", |luck, register, at| {
        let mut core: Vec<char> = register.parts[at].core.chars().collect();
        let wrong = luck.below(core.len().saturating_sub(2).max(1));
        core[wrong] = '菒';
        Some(by_name(register, at, core.into_iter().collect()))
    }),
];

/// So many questions of each class.
pub fn make(register: &Register, count: usize) -> Vec<(&'static str, Vec<Question>)> {
    let mut luck = Luck::new(2);
    let ask = |(class, make): &(&'static str, Make)| {
        let mut asked = Vec::with_capacity(count);
        while asked.len() < count {
            let at = luck.below(register.bodies.len());
            asked.extend(make(&mut luck, register, at));
        }
        (*class, asked)
    };
    CLASSES.iter().map(ask).collect()
}

fn truth(register: &Register, at: usize) -> Option<i64> {
    Some(register.bodies[at].0)
}

fn by_name(register: &Register, at: usize, name: String) -> Question {
    Question {
        code: None,
        name: Some(name),
        truth: truth(register, at),
    }
}
