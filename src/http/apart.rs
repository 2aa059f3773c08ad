//! Requests that are sent once: each goes over a connection of its own, made for it. A
//! connection that was kept may be closed by the server just when a request is on its way, and
//! then it cannot be told whether that has arrived.

use reqwest::Method;

use super::error::Error;
use super::parameters::Parameters;
use super::{Response, Upstream};

/// The most that is read of the body of a refusal.
const REFUSAL: usize = 4096;

impl Upstream {
    /// As [`Upstream::get`], over a connection of its own. An error has what the upstream said.
    pub async fn get_apart(
        &self,
        operation: &'static str,
        path: &str,
        query: &[(&str, &str)],
    ) -> Result<Response, Error> {
        self.apart(operation, path, Parameters::query(query)).await
    }

    /// As [`Upstream::get_apart`], by POST with a form.
    pub async fn post_apart(
        &self,
        operation: &'static str,
        path: &str,
        form: &[(&str, &str)],
    ) -> Result<Response, Error> {
        self.apart(operation, path, Parameters::form(form)).await
    }

    /// As [`Upstream::get_apart`], by PATCH with JSON.
    pub async fn patch_json_apart(
        &self,
        operation: &'static str,
        path: &str,
        body: String,
    ) -> Result<Response, Error> {
        self.apart(operation, path, Parameters::Json(Method::PATCH, body)).await
    }

    async fn apart(
        &self,
        operation: &'static str,
        path: &str,
        parameters: Parameters,
    ) -> Result<Response, Error> {
        let answer = self.ask_by(&self.single_use, operation, path, parameters).await?;
        match self.refusal(operation, &answer) {
            // What is refused is said by the body; a body that breaks says nothing.
            Some(error) => Err(error.saying(answer.text(REFUSAL).await.ok())),
            None => Ok(answer),
        }
    }
}
