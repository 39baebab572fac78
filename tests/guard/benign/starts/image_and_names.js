const img=new Image();img.src='https://images.example.com/a.png';document.body.append(img);const LIST=['webhook.site','ngrok.io'];console.log(LIST.length)
