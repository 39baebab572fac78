function isаdmin() { return true; }
