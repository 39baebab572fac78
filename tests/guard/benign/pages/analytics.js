window.dataLayer = window.dataLayer || [];
function gtag() { dataLayer.push(arguments); }
gtag('js', new Date());
navigator.sendBeacon('/metrics', JSON.stringify({ path: location.pathname, t: performance.now() }));
