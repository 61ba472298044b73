namespace Sks.HkpAdapter.Pages;

/// <summary>A page for people.</summary>
internal abstract class Page
{
    /// <summary>Its title, as text.</summary>
    public abstract string Title { get; }

    /// <summary>What the search field holds already.</summary>
    public virtual string Search => "";

    /// <summary>What has to be said about all that the page shows, as markup; null for nothing.</summary>
    public virtual string? Note => null;

    /// <summary>Writes what stands in its frame.</summary>
    public abstract void WriteBody(Markup html);
}
