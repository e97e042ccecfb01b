using Meerkat.Core.Placement;

namespace Meerkat.Core.Tests.Placement;

/// <summary>A writer that remembers what it was told: 0 ends it, -1 waits for the gate, -2 fails.</summary>
internal sealed class TestWriter(Placed placed) : IPlacedWriter<int, int>
{
    private int _inside;

    public Placed Placed => placed;

    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public List<int> Handled { get; } = [];

    public List<int> Finished { get; } = [];

    public bool Overlapped { get; private set; }

    public bool IsDone { get; private set; }

    public async ValueTask<int> HandleAsync(int command, CancellationToken ct)
    {
        Overlapped |= Interlocked.Increment(ref _inside) != 1;
        try
        {
            Handled.Add(command);
            IsDone = command == 0;
            switch (command)
            {
                case -1:
                    Reached.TrySetResult();
                    await Gate.Task.WaitAsync(ct);
                    break;
                case -2:
                    throw new InvalidOperationException();
            }

            Finished.Add(command);
            return command;
        }
        finally
        {
            Interlocked.Decrement(ref _inside);
        }
    }
}
