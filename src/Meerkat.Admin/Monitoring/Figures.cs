namespace Meerkat.Admin.Monitoring;

/// <summary>How the server does at a moment. Rates are for a second, over the time since the sample before.</summary>
/// <param name="Time">When.</param>
/// <param name="Uptime">For how many seconds the server has run.</param>
/// <param name="Sessions">Sessions, those that wait for resumption included.</param>
/// <param name="Detached">Sessions that wait for resumption.</param>
/// <param name="StanzasIn">Stanzas from clients.</param>
/// <param name="StanzasOut">Stanzas to clients.</param>
/// <param name="Messages">Messages handed to sessions.</param>
/// <param name="ArchiveWrites">Messages written into archives.</param>
/// <param name="LogIns">Log-ins that succeeded.</param>
/// <param name="LogInFailures">Log-ins that failed.</param>
/// <param name="StreamErrors">Streams that ended with an error.</param>
/// <param name="Errors">Entries of the log of level error and above.</param>
/// <param name="Warnings">Warnings in the log.</param>
/// <param name="Cpu">Processor cores in use.</param>
/// <param name="Memory">Resident memory in bytes.</param>
/// <param name="Heap">What the program's own objects take, in bytes.</param>
/// <param name="Queues">What waits, by name.</param>
internal sealed record Figures(
    DateTimeOffset Time,
    int Uptime,
    int Sessions,
    int Detached,
    double StanzasIn,
    double StanzasOut,
    double Messages,
    double ArchiveWrites,
    double LogIns,
    double LogInFailures,
    double StreamErrors,
    double Errors,
    double Warnings,
    double Cpu,
    double Memory,
    double Heap,
    IReadOnlyList<QueueDepth> Queues);

/// <summary>How much waits in a queue.</summary>
/// <param name="Name">Which.</param>
/// <param name="Depth">How many items.</param>
internal sealed record QueueDepth(string Name, int Depth);
