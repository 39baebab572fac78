export function loadScript(src) {
  return new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = src;
    script.async = true;
    script.onload = resolve;
    script.onerror = () => reject(new Error(`cannot load ${src}`));
    document.head.appendChild(script);
  });
}
const ld = document.createElement('script');
ld.type = 'application/ld+json';
ld.textContent = JSON.stringify({ '@context': 'https://schema.org', '@type': 'Organization', name: 'Example' });
document.head.append(ld);
loadScript('https://maps.googleapis.com/maps/api/js?key=' + window.MAPS_KEY).then(() => console.log('maps'));
