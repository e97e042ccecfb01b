using Microsoft.Extensions.Logging;

namespace Meerkat.Modules.HttpUpload;

internal static partial class UploadLog
{
    [LoggerMessage(LogLevel.Debug, "Upload {Owner}/{Token} of {Bytes} bytes is stored")]
    public static partial void Stored(ILogger logger, string owner, string token, long bytes);

    [LoggerMessage(LogLevel.Information, "{Files} uploaded files were too old and are removed")]
    public static partial void Swept(ILogger logger, int files);

    [LoggerMessage(LogLevel.Error, "Old uploads could not be removed")]
    public static partial void SweepFailed(ILogger logger, Exception failure);
}
