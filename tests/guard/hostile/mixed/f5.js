new Worker(URL.createObjectURL(new Blob([atob(p)])));
