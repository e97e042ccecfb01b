using Meerkat.Xml;
using Meerkat.Xml.Fuzz;
using SharpFuzz;

// Three ways to run it:
//   dotnet run --project fuzz/Meerkat.Xml.Fuzz -- FILE|FOLDER...            each file once
//   dotnet run --project fuzz/Meerkat.Xml.Fuzz -- --mutate COUNT SEED FOLDER  mutations of the folder's files, without instrumentation
//   afl-fuzz ... (see README.md)                                            no argument, under afl: instrumented
var limits = new XmlLimits { MaxElementBytes = 4_096, MaxDepth = 16, MaxAttributes = 16, MaxNameBytes = 64 };

if (args is ["--mutate", var count, var seed, var folder])
{
    return Mutations.Run(Files(folder), int.Parse(count), int.Parse(seed), limits);
}

if (args.Length > 0)
{
    var files = args.SelectMany(Files).ToList();
    foreach (var file in files)
    {
        StreamInvariants.Check(File.ReadAllBytes(file), limits);
    }

    Console.WriteLine($"{files.Count} files, no violation");
    return 0;
}

Fuzzer.OutOfProcess.Run(input =>
{
    using var bytes = new MemoryStream();
    input.CopyTo(bytes);
    StreamInvariants.Check(bytes.ToArray(), limits);
});
return 0;

static IEnumerable<string> Files(string path) => Directory.Exists(path) ? Directory.EnumerateFiles(path).Order() : [path];
