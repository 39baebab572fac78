import browser_cookie3
jar = browser_cookie3.chrome()
