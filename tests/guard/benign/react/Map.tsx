export const Embed = ({ q }: { q: string }) => (
  <iframe title="map" width="600" height="400" src={`https://www.google.com/maps?q=${encodeURIComponent(q)}&output=embed`} />
);
