//! Rungs that mend what is wrong with routes, routers and what frameworks are given.

use super::*;

/// A check of `path` that got another answer than it wants.
fn failed(status: u16, shown: &str, output: &str) -> Diagnostic {
    let answered = Answered { check: "home".into(), status, shown: shown.into() };
    Diagnostic { trouble: Trouble::Check, output: output.into(), answered: Some(answered), ..Diagnostic::UNTRIED }
}

fn asking(path: &str, start: &str, files: &[(&str, &str)]) -> Artifact {
    Artifact { checks: vec![Check::get("home", path, 200, None)], ..artifact(start, files) }
}

/// One file of an app, mended after a check of `path` was answered so; `None` where there is nothing to do.
#[track_caller]
fn mended(name: &str, path: &str, files: &[(&str, &str)], said: &Diagnostic) -> Option<String> {
    let start = if files[0].0.ends_with(".py") { "python3 a.py" } else { "node a.js" };
    done(name, &asking(path, start, files), said).map(|better| better.files[0].content.clone())
}

#[test]
fn a_route_is_put_before_one_that_hides_it() {
    let wrong = "r.get(\"/:id\", (q, s) => {\n  s.json(q);\n});\n\nr.get(\"/stats\", (q, s) => {\n  s.json(1);\n});\n";
    let right = "r.get(\"/stats\", (q, s) => {\n  s.json(1);\n});\n\nr.get(\"/:id\", (q, s) => {\n  s.json(q);\n});\n";
    let said = failed(404, "", "");
    assert_eq!(mended("fixed-first", "/orders/stats?a=1", &[("a.js", wrong)], &said).as_deref(), Some(right));
    assert_eq!(mended("fixed-first", "/orders/7", &[("a.js", wrong)], &said), None, "it was not the one asked for");
    let posts = wrong.replace("r.get(\"/stats\"", "r.post(\"/stats\"");
    assert_eq!(mended("fixed-first", "/orders/stats", &[("a.js", &posts)], &said), None, "nothing hides it");
    let wrong = "@app.get(\"/r/{id}\")\ndef one(id: int):\n    return id\n\n\n@app.get(\"/r/free\")\nasync def free():\n    return 1\n";
    let right = "@app.get(\"/r/free\")\nasync def free():\n    return 1\n\n\n@app.get(\"/r/{id}\")\ndef one(id: int):\n    return id\n";
    assert_eq!(mended("fixed-first", "/r/free", &[("a.py", wrong)], &said).as_deref(), Some(right));
}

#[test]
fn what_takes_the_rest_comes_last() {
    let head = "const express = require(\"express\");\nconst { lost } = require(\"./e\");\nconst app = express();\n";
    let e = ("e.js", "function lost(req, res) {\n  res.status(404).end();\n}\nmodule.exports = { lost };\n");
    let wrong = format!(
        "{head}app.use(lost);\napp.use((err, req, res, next) => {{\n  res.end();\n}});\napp.use(\"/b\", books);\napp.listen(1);\n"
    );
    let right = format!(
        "{head}app.use(\"/b\", books);\napp.use(lost);\napp.use((err, req, res, next) => {{\n  res.end();\n}});\napp.listen(1);\n"
    );
    let said = failed(404, "{}", "");
    assert_eq!(mended("rest-last", "/b", &[("a.js", &wrong), e], &said).as_deref(), Some(&*right));
    let page = format!("{head}app.get(\"*\", (req, res) => res.sendFile(p));\napp.get(\"/api\", api);\n");
    let better = format!("{head}app.get(\"/api\", api);\napp.get(\"*\", (req, res) => res.sendFile(p));\n");
    assert_eq!(mended("rest-last", "/api", &[("a.js", &page)], &failed(200, "<html>", "")).as_deref(), Some(&*better));
    let auth = page.replace("(req, res) => res.sendFile(p)", "(req, res, next) => res.locals.a ? next() : res.end()");
    assert_eq!(mended("rest-last", "/api", &[("a.js", &auth)], &failed(200, "<html>", "")), None, "it passes on");
    let passes = ("e.js", "function lost(req, res, next) {\n  if (404) next();\n}\n");
    assert_eq!(mended("rest-last", "/b", &[("a.js", &wrong), passes], &said), None, "it lets others answer");
}

#[test]
fn a_router_that_nobody_knows_is_told_to_the_app() {
    let app = "from flask import Flask\n\napp = Flask(__name__)\n\nif __name__ == \"__main__\":\n    app.run()\n";
    let router = (
        "routes/classes.py",
        "bp = Blueprint(\"classes\", __name__)\n\n@bp.route(\"/classes/<int:id>\")\ndef one(id):\n    return id\n",
    );
    let better = mended("mounted", "/api/classes/3", &[("a.py", app), router], &failed(404, "", "")).unwrap();
    assert!(
        better.contains("app = Flask(__name__)\n\nfrom routes.classes import bp\n\napp.register_blueprint(bp, url_prefix=\"/api\")\n"),
        "{better}"
    );
    assert_eq!(mended("mounted", "/api/x/y", &[("a.py", app), router], &failed(404, "", "")), None, "no route of it");
    assert_eq!(mended("mounted", "/api/classes/3", &[("a.py", app), router], &failed(500, "", "")), None);
    let known = app.replace("if __name", "app.register_blueprint(bp)\nif __name");
    assert_eq!(mended("mounted", "/api/classes/3", &[("a.py", &known), router], &failed(404, "", "")), None);
    let app = "from fastapi import FastAPI\n\napp = FastAPI()\n";
    let router = (
        "parcels.py",
        "router = APIRouter(prefix=\"/parcels\")\n\n@router.get(\"/{code}\")\ndef one(code):\n    return code\n",
    );
    let better = mended("mounted", "/parcels/A", &[("a.py", app), router], &failed(404, "", "")).unwrap();
    assert!(
        better.contains("from parcels import router as parcels_router\n\napp.include_router(parcels_router)"),
        "{better}"
    );
    let app = "const express = require(\"express\");\nconst app = express();\napp.listen(1);\n";
    let any =
        ("routes/books.js", "const router = express.Router();\nrouter.get(\"/:id\", one);\nmodule.exports = router;\n");
    assert_eq!(mended("mounted", "/authors/1", &[("a.js", app), any], &failed(404, "", "")), None, "it takes anything");
    let router =
        ("routes/books.js", "const router = express.Router();\nrouter.get(\"/\", all);\nmodule.exports = router;\n");
    let better = mended("mounted", "/api/books", &[("a.js", app), router], &failed(404, "", "")).unwrap();
    assert!(better.contains("app.use(\"/api/books\", require(\"./routes/books.js\"));\napp.listen"), "{better}");
}

#[test]
fn endpoints_are_named_as_they_are() {
    let routes = "@app.route(\"/p/<slug>\")\ndef page(slug):\n    return slug\n\n@app.route(\"/e\")\ndef edit_page():\n    return 1\n";
    let page = ("templates/a.html", "<a href=\"{{ url_for('view_page', slug=1) }}\">");
    let said = |name: &str| {
        ended(
            1,
            &format!(
                "BuildError: Could not build url for endpoint '{name}' with values ['slug']. Did you mean 'page'?"
            ),
        )
    };
    let app = artifact("python3 a.py", &[("a.py", routes), page]);
    let better = done("endpoint", &app, &said("view_page")).unwrap();
    assert_eq!(content(&better, "templates/a.html"), "<a href=\"{{ url_for('page', slug=1) }}\">");
    assert_eq!(done("endpoint", &app, &said("delete_page")), None, "another act");
    let blueprint = (
        "b.py",
        "bp = Blueprint(\"blog\", __name__)\n@bp.route(\"/\")\ndef index():\n    return redirect(url_for(\"index\"))\n",
    );
    let better = done("endpoint", &artifact("python3 b.py", &[blueprint]), &said("index")).unwrap();
    assert!(content(&better, "b.py").contains("url_for(\"blog.index\")"));
}

#[test]
fn a_status_is_no_data_in_fastapi() {
    let wrong = "from fastapi import FastAPI\n\n@app.get(\"/x\")\ndef x():\n    return {\"detail\": \"gone\"}, 404\n    return {\"a\": 1}, 201\n";
    let said = failed(200, "[{\"detail\":\"gone\"},404]", "");
    assert_eq!(
        mended("status-as-data", "/x", &[("a.py", wrong)], &said).unwrap(),
        "from fastapi.responses import JSONResponse\nfrom fastapi import HTTPException\nfrom fastapi import FastAPI\n\n@app.get(\"/x\")\ndef x():\n    raise HTTPException(status_code=404, detail=\"gone\")\n    return JSONResponse(status_code=201, content={\"a\": 1})\n"
    );
    assert_eq!(mended("status-as-data", "/x", &[("a.py", wrong)], &failed(200, "[1, 2]", "")), None, "a list");
}

#[test]
fn pydantic_is_told_what_it_knows_now() {
    let removed = "pydantic.errors.PydanticUserError: `regex` is removed. use `pattern` instead";
    text(
        "pattern",
        "a.py",
        "from pydantic import Field\ncode: str = Field(\n    regex=r\"^a\",\n)\n",
        removed,
        "from pydantic import Field\ncode: str = Field(\n    pattern=r\"^a\",\n)\n",
    );
    let moved = "PydanticImportError: `BaseSettings` has been moved to the `pydantic-settings` package.";
    let wrong = "from pydantic import BaseSettings, Field\n\nclass Settings(BaseSettings):\n    port: int = 1\n";
    let app = artifact("python3 a.py", &[("a.py", wrong)]);
    let better = done("settings", &app, &ended(1, moved)).unwrap();
    let better = content(&better, "a.py");
    assert!(
        better.starts_with("from pydantic import Field\nimport os\n\nfrom pydantic import BaseModel\n"),
        "{better}"
    );
    assert!(better.contains("class BaseSettings(BaseModel):") && better.contains("class Settings(BaseSettings):"));
    let online = Diagnostic { internet: true, ..ended(1, moved) };
    let better = done("settings", &app, &online).unwrap();
    assert!(
        content(&better, "a.py")
            .starts_with("from pydantic import Field\nfrom pydantic_settings import BaseSettings\n")
    );
}

#[test]
fn a_check_is_not_blamed_for_a_route_without_its_beginning() {
    let files = [("a.py", "@bp.route(\"/classes\")\n")];
    assert_eq!(mended("check-route", "/api/classes", &files, &failed(404, "", "")), None);
}
