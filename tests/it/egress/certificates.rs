//! Whose certificates are believed.

use std::{io::Write, path::Path, sync::Arc};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use tempfile::NamedTempFile;
use tokio::{io::AsyncWriteExt, net::TcpListener};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{ServerConfig, crypto::aws_lc_rs::default_provider, pki_types::PrivatePkcs8KeyDer},
};
use zhengxin::{
    config::Place,
    egress::{Egress, Error},
};

use super::{get, place, quick};

/// An authority, and its certificate as a file.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    file: NamedTempFile,
}

impl Authority {
    fn made() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let certificate = params.self_signed(&key).expect("a certificate");
        let mut file = NamedTempFile::new().expect("a file");
        file.write_all(certificate.pem().as_bytes())
            .expect("a file");
        Self {
            issuer: Issuer::new(params, key),
            file,
        }
    }

    /// A server on this machine whose certificate this authority signed.
    async fn serves(&self, name: &str, is_expired: bool) -> String {
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        if is_expired {
            params.not_after = date_time_ymd(2001, 1, 1);
            params.not_before = date_time_ymd(2000, 1, 1);
        }
        let key = KeyPair::generate().expect("a key");
        let certificate = params.signed_by(&key, &self.issuer).expect("a certificate");
        let config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("they are safe")
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .expect("they belong together");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    // A client that does not believe us hangs up here.
                    if let Ok(mut stream) = acceptor.accept(stream).await {
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell";
                        let _ = stream.write_all(answer).await;
                        let _ = stream.shutdown().await;
                    }
                });
            }
        });
        format!("https://{address}")
    }
}

async fn ask(url: &str, ca_file: Option<&Path>) -> Result<(), Error> {
    let place = Place {
        ca_file: ca_file.map(Path::to_owned),
        ..place(url)
    };
    let door = Egress::with(quick()).door(&place)?;
    get(&door, url)
        .await
        .map(|answer| assert_eq!(&answer.body[..], b"well"))
}

#[tokio::test]
async fn only_the_named_authority_is_believed_for_the_right_host_in_its_time() {
    let (ours, other) = (Authority::made(), Authority::made());
    let (ours_file, other_file) = (ours.file.path(), other.file.path());
    let good = ours.serves("127.0.0.1", false).await;
    ask(&good, Some(ours_file)).await.expect("it is believed");
    for (url, ca_file) in [
        (&good, Some(other_file)),
        (&good, None),
        (&ours.serves("127.0.0.2", false).await, Some(ours_file)),
        (&ours.serves("example.com", false).await, Some(ours_file)),
        (&ours.serves("127.0.0.1", true).await, Some(ours_file)),
    ] {
        let error = ask(url, ca_file).await.expect_err("it is not believed");
        let told = error.to_string();
        assert!(
            told.contains("certificate") || told.contains("UnknownIssuer"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn a_file_without_certificates_is_told() {
    let mut file = NamedTempFile::new().expect("a file");
    for path in [Path::new("/no/such/file"), file.path()] {
        let error = ask("https://127.0.0.1:1", Some(path)).await;
        assert!(
            matches!(error, Err(Error::Certificates { .. })),
            "{error:?}"
        );
    }
    file.write_all(b"-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----\n")
        .expect("a file");
    assert!(ask("https://127.0.0.1:1", Some(file.path())).await.is_err());
}
