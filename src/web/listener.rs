//! Accepting connections, with TLS where it is configured.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::MissedTickBehavior;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Error;
use super::connection::{self, Answering};
use super::crowd::{Crowd, Member};
use super::site::{Peer, Site};
use super::tls::{self, Certificate};
use crate::config::Config;

/// How long a client may take to agree on TLS.
const HANDSHAKE_WITHIN: Duration = Duration::from_secs(10);
/// How long answers that are under way may take once the service stops.
const STOP_WITHIN: Duration = Duration::from_secs(1);

/// The address of `[web]`, bound.
pub(crate) struct Listener {
    listener: TcpListener,
    tls: Option<Certificate>,
}

impl Listener {
    /// Binds the address; None without `[web]`.
    ///
    /// # Errors
    /// It cannot be had, or the certificate cannot be used.
    pub(crate) async fn bind(config: &Config) -> Result<Option<Self>, Error> {
        let Some(web) = &config.web else { return Ok(None) };
        let tls = web.tls.as_ref().map(Certificate::read).transpose()?;
        let listener = TcpListener::bind(web.listen).await;
        let listener = listener.map_err(|error| Error::Listen(web.listen, error))?;
        Ok(Some(Self { listener, tls }))
    }

    /// Answers until stopped.
    pub(super) async fn serve(mut self, site: Arc<Site>, stop: CancellationToken) {
        let connections = TaskTracker::new();
        let crowd = Arc::new(Crowd::default());
        let mut looks = tokio::time::interval(tls::LOOK_EVERY);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let accepted = tokio::select! {
                () = stop.cancelled() => break,
                _ = looks.tick(), if self.tls.is_some() => {
                    self.tls.iter_mut().for_each(Certificate::renew);
                    continue;
                }
                accepted = self.listener.accept() => accepted,
            };
            let Ok((stream, address)) = accepted else {
                // Out of file descriptors, most likely: others need the time to close theirs.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            // Where all are busy, one more is closed at once.
            if let Some(member) = crowd.enter() {
                let answering = answering(&site, address, self.tls.is_some());
                let tls = self.tls.as_ref().map(Certificate::acceptor);
                let serving = serve(stream, member, tls, answering, stop.clone());
                connections.spawn(serving);
            }
        }
        connections.close();
        // What takes longer breaks off.
        drop(tokio::time::timeout(STOP_WITHIN, connections.wait()).await);
    }
}

/// What answers the requests of a connection.
fn answering(site: &Arc<Site>, address: SocketAddr, is_encrypted: bool) -> Arc<Answering> {
    let site = Arc::clone(site);
    let peer = Peer { address: address.ip(), is_encrypted };
    Arc::new(move |mut request| {
        request.extensions_mut().insert(peer);
        let site = Arc::clone(&site);
        Box::pin(async move { site.answer(request).await })
    })
}

async fn serve(
    stream: TcpStream,
    member: Arc<Member>,
    tls: Option<TlsAcceptor>,
    answering: Arc<Answering>,
    stop: CancellationToken,
) {
    // An answer is written whole: nothing is gained by waiting for more of it.
    drop(stream.set_nodelay(true));
    let Some(tls) = tls else {
        return connection::serve(stream, member, answering, stop).await;
    };
    let agreed = tokio::select! {
        () = stop.cancelled() => return,
        () = member.evicted().cancelled() => return,
        agreed = tokio::time::timeout(HANDSHAKE_WITHIN, tls.accept(stream)) => agreed,
    };
    // A client that speaks no TLS, or trusts us not, is its own business.
    if let Ok(Ok(stream)) = agreed {
        connection::serve(stream, member, answering, stop).await;
    }
}
