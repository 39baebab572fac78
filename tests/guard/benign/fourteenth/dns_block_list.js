const dns = require('dns').promises;
module.exports = async (ip) => {
  const name = ip.split('.').reverse().join('.') + '.zen.spamhaus.org';
  return dns.resolve4(name).then(() => true, () => false);
};
