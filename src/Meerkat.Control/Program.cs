using Meerkat.Control;

return await CommandLine.RunAsync(args);
