[run("id") for run in [getattr(__import__(name), "system") for name in ("os",)]]
