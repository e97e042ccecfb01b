namespace Meerkat.Modules.HttpUpload;

/// <summary>Where a file is put and where it is got from then (XEP-0363 §4).</summary>
/// <param name="Put">Takes the file.</param>
/// <param name="Get">Gives it to everybody who knows this address.</param>
public sealed record UploadSlot(string Put, string Get);
