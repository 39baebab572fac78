//! The live page at `/`: a prompt box, the sessions, and one session from its first step to its end.
//!
//! ```text
//!   browser ── GET /, /assets/* ──► files embedded in the binary (assets/, no build step, no other origin)
//!           ── fetch /api/…, WebSocket /ws, EventSource …/logs ──► the public interface, as any client
//! ```
//! The page has no door of its own into the engine: what it shows and does, a script can as well. It loads nothing from
//! elsewhere, and its policy forbids the browser to.

use actix_web::{
    HttpMessage as _, HttpRequest, HttpResponse,
    http::header::{self, EntityTag, IfNoneMatch},
    web,
};
use rust_embed::RustEmbed;

/// A debug build reads the folder itself, so that a page is edited without a build.
#[derive(RustEmbed)]
#[folder = "src/dashboard/assets"]
struct Assets;

/// Only this origin's own files and interface; no frame around it, no form, no inline code.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Serves `GET /` and `GET /assets/{path}`, and nothing else.
pub fn configure(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/").get(index).head(index))
        .service(web::resource("/assets/{path:.*}").get(asset).head(asset));
}

async fn index(request: HttpRequest) -> HttpResponse {
    serve(&request, "index.html")
}

async fn asset(request: HttpRequest, path: web::Path<String>) -> HttpResponse {
    serve(&request, &path)
}

fn serve(request: &HttpRequest, path: &str) -> HttpResponse {
    let Some(file) = Assets::get(path) else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("no such file\n");
    };
    let tag = EntityTag::new_strong(hexadecimal(&file.metadata.sha256_hash()[..16]));
    let is_known = match request.get_header::<IfNoneMatch>() {
        Some(IfNoneMatch::Any) => true,
        Some(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&tag)),
        None => false,
    };
    let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response
        // Asked for again each time, and then mostly answered by 304: a new engine must not meet an old page.
        .insert_header((header::CACHE_CONTROL, "no-cache"))
        .insert_header(header::ETag(tag))
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"));
    if is_known {
        return response.finish();
    }
    response.content_type(content_type(path)).body(file.data.into_owned())
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, extension)| extension) {
        Some("html") => "text/html; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some(_) | None => "text/plain; charset=utf-8",
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{
        App,
        http::StatusCode,
        test::{TestRequest, call_service, init_service, read_body},
    };

    use super::*;

    #[actix_web::test]
    async fn the_page_and_all_it_names_are_served_with_their_types() {
        let app = init_service(App::new().configure(configure)).await;
        let page = call_service(&app, TestRequest::get().uri("/").to_request()).await;
        assert_eq!(page.status(), StatusCode::OK);
        assert_eq!(page.headers().get(header::CONTENT_TYPE).unwrap(), "text/html; charset=utf-8");
        assert_eq!(page.headers().get(header::CONTENT_SECURITY_POLICY).unwrap(), CONTENT_SECURITY_POLICY);
        let page = String::from_utf8(read_body(page).await.to_vec()).unwrap();
        let named: Vec<_> = page.split('"').filter(|text| text.starts_with("/assets/")).collect();
        assert!(named.len() >= 3, "{named:?}");
        for path in named {
            let file = call_service(&app, TestRequest::get().uri(path).to_request()).await;
            assert_eq!(file.status(), StatusCode::OK, "{path}");
            assert_ne!(file.headers().get(header::CONTENT_TYPE).unwrap(), "text/plain; charset=utf-8", "{path}");
        }
    }

    #[actix_web::test]
    async fn a_known_file_is_not_sent_again_and_a_strange_one_is_not_found() {
        let app = init_service(App::new().configure(configure)).await;
        let first = call_service(&app, TestRequest::get().uri("/assets/app.css").to_request()).await;
        let tag = first.headers().get(header::ETAG).unwrap().clone();
        let again = TestRequest::get().uri("/assets/app.css").insert_header((header::IF_NONE_MATCH, tag));
        let again = call_service(&app, again.to_request()).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED);
        assert!(read_body(again).await.is_empty());
        for path in ["/assets/../mod.rs", "/assets/%2e%2e/mod.rs", "/assets/", "/assets/nope.js"] {
            let strange = call_service(&app, TestRequest::get().uri(path).to_request()).await;
            assert_eq!(strange.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn the_page_names_no_other_origin() {
        for path in Assets::iter().filter(|path| !path.starts_with("vendor/")) {
            let file = Assets::get(&path).unwrap();
            let text = String::from_utf8(file.data.into_owned()).unwrap();
            let foreign = text.lines().find(|line| line.contains("src=\"http") || line.contains("url(http"));
            assert_eq!(foreign, None, "{path}");
        }
    }
}
