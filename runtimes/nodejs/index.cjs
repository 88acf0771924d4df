console.log("kiln", process.version)
