const cp=require('child_process');cp.execFile('ffmpeg',['-i','in.mp4','out.gif'],(e)=>0)
