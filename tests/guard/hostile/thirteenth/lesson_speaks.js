const PICKS = [{ name: 'keys', at: 'http://169.254.169.254/latest/meta-data/' }];
export const load = (n) => fetch(PICKS[n].at).then((r) => r.text());
