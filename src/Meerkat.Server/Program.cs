using Meerkat.Server.Configuration;

return args switch
{
    ["config", "check", .. var rest] => ConfigCommand.Check(rest, new Dictionary<string, Type>(), Console.Out),
    ["config", "default"] => ConfigCommand.Default(Console.Out),
    _ => ConfigCommand.Usage(Console.Error),
};
