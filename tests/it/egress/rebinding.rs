//! Name servers that change their mind between two looks: what was checked is what is connected to.

use std::{
    io,
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use zhengxin::{
    config::Place,
    egress::{Door, Egress, Error, Names},
};

use super::{get, quick};

/// What the place allows.
const OURS: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Allowed too, and nobody is there.
const AWAY: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);
/// What a name server would lead us to.
const FORBIDDEN: Ipv4Addr = Ipv4Addr::LOCALHOST;

/// Two servers on one port, of which one must never be seen.
struct Servers {
    port: u16,
    ours: Arc<AtomicUsize>,
    forbidden: Arc<AtomicUsize>,
}

impl Servers {
    /// None where this machine has but the one address.
    async fn start() -> Option<Self> {
        let ours = TcpListener::bind((OURS, 0)).await.ok()?;
        let port = ours.local_addr().expect("it is bound").port();
        let forbidden = TcpListener::bind((FORBIDDEN, port)).await.ok()?;
        Some(Self {
            port,
            ours: answer(ours),
            forbidden: answer(forbidden),
        })
    }

    fn seen(&self) -> (usize, usize) {
        let of = |count: &AtomicUsize| count.load(Ordering::SeqCst);
        (of(&self.ours), of(&self.forbidden))
    }

    fn url(&self) -> String {
        format!("http://rebound.example:{}/", self.port)
    }

    /// A door to the name, of which each look gets the next of these answers, and then the last.
    fn door(&self, answers: &[&[Ipv4Addr]]) -> (Door, Arc<AtomicUsize>) {
        let answers: Vec<Vec<IpAddr>> = answers
            .iter()
            .map(|addresses| addresses.iter().copied().map(IpAddr::V4).collect())
            .collect();
        let looks = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&looks);
        let names = Names::Told(Arc::new(move |host: &str| {
            assert_eq!(host, "rebound.example");
            let look = counted.fetch_add(1, Ordering::SeqCst);
            answers[look.min(answers.len() - 1)].clone()
        }));
        let place = Place {
            url: Some(self.url()),
            allow: vec![OURS.to_string(), AWAY.to_string()],
            ..Place::default()
        };
        let egress = Egress::with(quick()).by_names(names);
        (egress.door(&place).expect("a name may be public"), looks)
    }
}

/// Answers each request and hangs up; how many came.
fn answer(listener: TcpListener) -> Arc<AtomicUsize> {
    let came = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&came);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            let answered: io::Result<()> = async {
                let _ = stream.read(&mut [0; 4_096]).await?;
                stream
                    .write_all(
                        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
                    )
                    .await
            }
            .await;
            drop(answered);
        }
    });
    came
}

#[tokio::test]
async fn the_address_that_was_checked_is_the_one_connected_to() {
    let Some(servers) = Servers::start().await else {
        return;
    };
    let (door, looks) = servers.door(&[&[OURS], &[FORBIDDEN]]);
    let answer = get(&door, &servers.url()).await.expect("it is allowed");
    assert_eq!(answer.body, "ok");
    assert_eq!(
        looks.load(Ordering::SeqCst),
        1,
        "nobody looks a second time"
    );
    assert_eq!(servers.seen(), (1, 0));

    let refused = get(&door, &servers.url()).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    assert_eq!(looks.load(Ordering::SeqCst), 2, "each connection is judged");
    assert_eq!(servers.seen(), (1, 0));
}

#[tokio::test]
async fn of_several_addresses_only_the_allowed_ones_are_tried() {
    let Some(servers) = Servers::start().await else {
        return;
    };
    for answer in [
        &[FORBIDDEN, OURS][..],
        &[OURS, FORBIDDEN],
        // What is tried behind one that fails is still none of the forbidden ones.
        &[AWAY, FORBIDDEN, OURS],
    ] {
        let (ours, _) = servers.seen();
        let (door, _) = servers.door(&[answer]);
        get(&door, &servers.url()).await.expect("one is allowed");
        assert_eq!(servers.seen(), (ours + 1, 0), "{answer:?}");
    }
    let (door, _) = servers.door(&[&[FORBIDDEN], &[OURS]]);
    let refused = get(&door, &servers.url()).await;
    assert!(
        matches!(refused, Err(Error::Forbidden { .. })),
        "{refused:?}"
    );
    let (_, forbidden) = servers.seen();
    assert_eq!(forbidden, 0);
}
