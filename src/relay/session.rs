//! Connections to PostgreSQL.
//!
//! Statements are never prepared under a name, and nothing outlasts a transaction: a pooler
//! that gives each transaction another connection (pgbouncer's transaction mode) is fine.

use std::time::Duration;

use secrecy::ExposeSecret;
use tokio_postgres::config::SslMode as Wire;
use tokio_postgres::{Client, Config, Transaction};
use tokio_util::sync::CancellationToken;

use super::failure::Failure;
use super::tls::Tls;
use crate::config::{self, PostgresHost, PostgresUrl, SslMode};
use crate::http::BuildError;

/// How long a server that takes nothing is believed to be there.
const UNANSWERED: Duration = Duration::from_secs(60);
/// How long the end of a connection may take, and that of a statement.
const CLOSE_WITHIN: Duration = Duration::from_secs(5);

/// The way to the server.
pub(super) struct Dial {
    config: Config,
    tls: Tls,
    shown: String,
}

/// A connection that is open until it is dropped.
pub(super) struct Session {
    client: Client,
    tls: Tls,
    closed: CancellationToken,
}

impl Dial {
    pub(super) fn new(relay: &config::Relay) -> Result<Self, BuildError> {
        let url: &PostgresUrl = &relay.url;
        let mut config = Config::new();
        config.application_name(format!("uzhkh-ledger {}", relay.ledger)).port(url.port);
        config.tcp_user_timeout(UNANSWERED).keepalives_idle(UNANSWERED);
        let is_socket = match &url.host {
            PostgresHost::Tcp(host) => {
                config.host(host);
                false
            }
            PostgresHost::Socket(directory) => {
                config.host_path(directory);
                true
            }
        };
        // Nothing goes over a network on its way to a socket.
        let is_plain = is_socket || url.sslmode == SslMode::Disable;
        config.ssl_mode(if is_plain { Wire::Disable } else { Wire::Require });
        if let Some(role) = &url.role {
            config.user(role);
        }
        if let Some(database) = &url.database {
            config.dbname(database);
        }
        if let Some(password) = &url.password {
            config.password(password.expose_secret());
        }
        // What is not used need not be there.
        let ca_file = relay.ca_file.as_deref();
        let tls = match is_plain && ca_file.is_none() {
            true => Tls::unused()?,
            false => Tls::new(ca_file, url.sslmode)?,
        };
        Ok(Self { config, tls, shown: url.shown() })
    }

    /// The server, the database and the role, for people.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Connects, within this time.
    pub(super) async fn connect(&self, within: Duration) -> Result<Session, Failure> {
        let connecting = self.config.connect(self.tls.clone());
        let Ok(connected) = tokio::time::timeout(within, connecting).await else {
            let seconds = within.as_secs_f32();
            return Err(Failure::Away(format!("no connection within {seconds:.0} s")));
        };
        let (client, connection) = connected?;
        let closed = CancellationToken::new();
        let closing = closed.clone();
        tokio::spawn(async move {
            let late = async {
                closing.cancelled().await;
                tokio::time::sleep(CLOSE_WITHIN).await;
            };
            tokio::select! {
                // Its failure is that of the statement under way.
                _ = connection => {}
                () = late => {}
            }
        });
        Ok(Session { client, tls: self.tls.clone(), closed })
    }
}

impl Session {
    pub(super) fn is_closed(&self) -> bool {
        self.client.is_closed()
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Ends what PostgreSQL is at: it does not notice that its client is gone while it waits for
    /// a lock, and the next attempt would wait behind it.
    pub(super) async fn cancel(self) {
        let cancelling = self.client.cancel_token();
        let cancelling = cancelling.cancel_query(self.tls.clone());
        // A server that is away has nothing to end.
        drop(tokio::time::timeout(CLOSE_WITHIN, cancelling).await);
    }

    pub(super) async fn begin(&mut self) -> Result<Transaction<'_>, Failure> {
        Ok(self.client.transaction().await?)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.closed.cancel();
    }
}
